//! Autocorrelation: Box, Jenkins, Time Series Analysis, 2.1; as statsmodels' `acf(adjusted=False)`.

/// The autocorrelations at the lags 0 to `lags`; none where there is no variation, or no pair of values so far apart.
pub(super) fn autocorrelations(values: &[f64], lags: usize) -> Option<Vec<f64>> {
    let first = *values.first()?;
    // Not told from the variance: the mean of equal numbers may differ from them in the last digit.
    if values.iter().all(|value| *value == first) {
        return None;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let covariance = |lag: usize| -> f64 {
        let later = centred.get(lag..).unwrap_or_default();
        centred.iter().zip(later).map(|(earlier, later)| earlier * later).sum()
    };
    let variance = covariance(0);
    // Every lag's sum is divided by the same n, which cancels out: the biased estimate.
    (variance > 0.0 && variance.is_finite()).then(|| (0..=lags).map(|lag| covariance(lag) / variance).collect())
}

/// Half the width of the 95 % bounds, for n values: Bartlett's formula, the series being a moving average of the order
/// of the lags before. At lag 0 there is nothing uncertain.
pub(super) fn half_widths(acf: &[f64], n: usize, quantile: f64) -> Vec<f64> {
    let n = n as f64;
    // The squares of the correlations at the lags from 1 to the one before.
    let mut squares = 0.0;
    let width = |(lag, corr): (usize, &f64)| {
        if lag == 0 {
            return 0.0;
        }
        let variance = (1.0 + 2.0 * squares) / n;
        squares += corr * corr;
        quantile * variance.sqrt()
    };
    acf.iter().enumerate().map(width).collect()
}
