//! How a series correlates with itself at each lag, with 95 % bounds.

use super::{
    autocorrelation::{autocorrelations, half_widths},
    partial::partial,
};

/// The quantile of the normal distribution at 97.5 %.
const QUANTILE: f64 = 1.959_963_984_540_054;

/// A correlation between values that stand `lag` apart. The bounds lie around it, as statsmodels' `confint` does: where
/// 0 is outside of them, the correlation is told from none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    pub lag: usize,
    /// -1 to 1; none where the series does not vary or is too short.
    pub corr: Option<f64>,
    /// The bound at 2.5 %.
    pub low: Option<f64>,
    /// The bound at 97.5 %.
    pub high: Option<f64>,
}

/// The correlations at the lags 0, 1, 2 and so on.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlogram {
    /// With Bartlett's bounds.
    pub acf: Vec<Correlation>,
    /// With the bounds of a series without memory, 1.96/√n.
    pub pacf: Vec<Correlation>,
}

/// The greatest lag that n values have a partial autocorrelation at: half of them, as in statsmodels.
#[must_use]
pub const fn greatest_lag(n: usize) -> usize {
    n / 2
}

/// The correlations of a series of finite values at the lags 0 to `lags`.
#[must_use]
pub fn correlogram(values: &[f64], lags: usize) -> Correlogram {
    let reach = lags.min(values.len().saturating_sub(1));
    let acf = autocorrelations(values, reach).unwrap_or_default();
    let width = QUANTILE / (values.len() as f64).sqrt();
    let same = (0..acf.len()).map(|lag| if lag == 0 { 0.0 } else { width });
    let pacf = bounded(&partial(&acf), same, lags);
    let own: Vec<_> = acf.iter().copied().map(Some).collect();
    Correlogram { acf: bounded(&own, half_widths(&acf, values.len(), QUANTILE), lags), pacf }
}

fn bounded(corrs: &[Option<f64>], widths: impl IntoIterator<Item = f64>, lags: usize) -> Vec<Correlation> {
    let none = |lag| Correlation { lag, corr: None, low: None, high: None };
    let mut found: Vec<Correlation> = (0..=lags).map(none).collect();
    for ((place, corr), width) in found.iter_mut().zip(corrs).zip(widths) {
        let corr = corr.filter(|corr| corr.is_finite() && width.is_finite());
        *place =
            Correlation { corr, low: corr.map(|corr| corr - width), high: corr.map(|corr| corr + width), ..*place };
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_series_that_does_not_vary_or_is_too_short_has_no_correlations() {
        for values in [&[][..], &[5.0], &[0.1; 50], &[f64::MAX, f64::MIN, 0.0]] {
            let found = correlogram(values, 3);
            for of in [found.acf, found.pacf] {
                let lags: Vec<_> = of.iter().map(|point| (point.lag, point.corr, point.low, point.high)).collect();
                let expected: Vec<_> = (0..=3).map(|lag| (lag, None, None, None)).collect();
                assert_eq!(lags, expected, "{values:?}");
            }
        }
    }

    #[test]
    fn lags_beyond_the_series_have_none() {
        let found = correlogram(&[1.0, 2.0, 4.0], 4);
        let there: Vec<bool> = found.acf.iter().map(|point| point.corr.is_some()).collect();
        assert_eq!(there, [true, true, true, false, false]);
        assert_eq!((found.acf[0].corr, found.acf[0].low), (Some(1.0), Some(1.0)));
        assert_eq!(greatest_lag(3), 1);
    }

    proptest! {
        #[test]
        fn no_series_gives_a_correlation_beyond_one(
            values in prop::collection::vec(-1e6..1e6_f64, 0..80),
            lags in 0..100_usize,
        ) {
            let found = correlogram(&values, lags);
            prop_assert_eq!((found.acf.len(), found.pacf.len()), (lags + 1, lags + 1));
            for point in found.acf.iter().chain(&found.pacf) {
                prop_assert!(point.corr.is_none_or(|corr| corr.abs() <= 1.0 + 1e-9), "{:?}", point);
                prop_assert!(point.low.is_none_or(f64::is_finite) && point.high.is_none_or(f64::is_finite));
            }
        }
    }
}
