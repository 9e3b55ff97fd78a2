//! Partial autocorrelation by the equations of Yule and Walker, solved by Levinson's and Durbin's recursion; as
//! statsmodels' `pacf(method="ywm")`, which solves them anew for each lag.

/// The partial autocorrelations at the lags of `acf`; none from where the values before foretell the series without
/// error on.
pub(super) fn partial(acf: &[f64]) -> Vec<Option<f64>> {
    let mut found = Vec::with_capacity(acf.len());
    found.extend(acf.first().map(|_| Some(1.0)));
    // The weights of the lags 1 to k - 1, and what they leave of the variance.
    let (mut weights, mut left): (Vec<f64>, f64) = (Vec::with_capacity(acf.len()), 1.0);
    for lag in 1..acf.len() {
        let foretold: f64 = weights.iter().zip(acf[1..lag].iter().rev()).map(|(weight, corr)| weight * corr).sum();
        let corr = (acf[lag] - foretold) / left;
        if left <= 0.0 || !corr.is_finite() {
            found.resize(acf.len(), None);
            break;
        }
        let reversed: Vec<f64> = weights.iter().rev().copied().collect();
        weights.iter_mut().zip(reversed).for_each(|(weight, opposite)| *weight -= corr * opposite);
        weights.push(corr);
        left *= 1.0 - corr * corr;
        found.push(Some(corr));
    }
    found
}
