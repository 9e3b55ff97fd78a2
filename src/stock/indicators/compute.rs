//! The definitions of the moving averages, for a whole series or its end.
//!
//! A value depends only on the closes of its own window (SMA, WMA) or on the value before it (EMA), each summed in the
//! same order always. So it is bit for bit the same however a series is cut into runs, and in every database.

use super::{Kind, MaType};

/// The closes given do not reach back far enough for the values asked for; give more of them, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the closes given do not reach back far enough")]
pub struct HistoryNeeded;

/// How many closes before the first value asked for [`compute`] has to be given, where the series has them.
/// An EMA can do without when it is given its value there.
#[must_use]
pub fn rows_needed(ma: MaType) -> usize {
    usize::from(ma.span()) - 1
}

/// The values of `ma` at `closes[start..]`; none before the `n`-th row of the series, n being the span.
///
/// `closes` is the end of a series, ascending by date, in the market's currency; `rows_before` closes of the series
/// come before it. `resume` is the EMA's stored value at the row before `start`; without it an EMA is computed from
/// the first close of the series, as it must be as long as no value has been emitted.
///
/// SMA = mean of the last n closes. WMA = mean with the weights n (newest) to 1, their sum being n(n+1)/2. EMA = the
/// first close, then a·close + (1-a)·previous with a = 2/(n+1).
///
/// # Errors
/// [`HistoryNeeded`] when `closes` leaves out rows that the first values depend on.
pub fn compute(
    closes: &[f64],
    rows_before: usize,
    ma: MaType,
    resume: Option<f64>,
    start: usize,
) -> Result<Vec<Option<f64>>, HistoryNeeded> {
    let span = usize::from(ma.span());
    let start = start.min(closes.len());
    // Values are emitted from this index on.
    let ready = (span - 1).saturating_sub(rows_before).max(start);
    let mut values = vec![None; ready.min(closes.len()) - start];
    if ready >= closes.len() {
        return Ok(values);
    }
    match ma.kind() {
        Kind::Ema => {
            ema(closes, rows_before, ma, resume, start)?.skip(ready - start).for_each(|v| values.push(Some(v)))
        }
        Kind::Sma | Kind::Wma => {
            let first = (ready + 1).checked_sub(span).ok_or(HistoryNeeded)?;
            values.extend(windows(&closes[first..], ma).into_iter().map(Some));
        }
    }
    Ok(values)
}

/// The EMA at `start` and after, also where it is not emitted yet.
fn ema(
    closes: &[f64],
    rows_before: usize,
    ma: MaType,
    resume: Option<f64>,
    start: usize,
) -> Result<impl Iterator<Item = f64>, HistoryNeeded> {
    if resume.is_none() && rows_before > 0 {
        return Err(HistoryNeeded);
    }
    let alpha = 2.0 / (f64::from(ma.span()) + 1.0);
    let from = if resume.is_some() { start } else { 0 };
    let values = closes[from..].iter().scan(resume, move |previous, close| {
        let value = previous.map_or(*close, |previous| alpha * close + (1.0 - alpha) * previous);
        *previous = Some(value);
        Some(value)
    });
    Ok(values.skip(start - from))
}

/// The weighted means over every full window. The loop over the ages of a window is the outer one: each sum is still
/// taken from the oldest close to the newest, and the inner loop has no dependencies, so it runs several at a time.
fn windows(closes: &[f64], ma: MaType) -> Vec<f64> {
    let span = usize::from(ma.span());
    let mut sums = vec![0.0; (closes.len() + 1).saturating_sub(span)];
    let mut weights = 0.0;
    let mut weight = 1.0;
    for oldest_first in 0..span {
        for (sum, close) in sums.iter_mut().zip(&closes[oldest_first..]) {
            *sum += weight * close;
        }
        weights += weight;
        if ma.kind() == Kind::Wma {
            weight += 1.0;
        }
    }
    sums.iter_mut().for_each(|sum| *sum /= weights);
    sums
}

#[cfg(test)]
#[path = "compute_tests.rs"]
mod tests;
