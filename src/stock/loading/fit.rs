//! Fitting an answer to the stored series: one basis, corrections seen, nothing overwritten without a reason.

use chrono::NaiveDate;

use crate::stock::{
    bar::{Bar, BarBatch, Basis, Days},
    overlap::{Correction, Overlap, compare},
    store::series::Series,
};

/// What is stored of the company, to judge answers by.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    pub series: &'a Series,
    /// The stored bars on the days asked for.
    pub bars: &'a [Bar],
    /// The last stored close before them, with its day.
    pub previous_close: Option<(NaiveDate, f64)>,
}

/// Bars that may be written, and what is to be recorded with them.
#[derive(Clone, Debug)]
pub struct Fitted {
    pub source: &'static str,
    /// The basis of the series after the write.
    pub basis: Basis,
    /// Ascending; without those that agree with what is stored.
    pub bars: Vec<Bar>,
    /// Rows of the answer that agree with what is stored.
    pub agreeing: u64,
    pub fetched: u64,
    /// The newest session of the answer.
    pub newest: Option<NaiveDate>,
    pub change: Change,
    pub vouched: Days,
}

/// What the answer means for bars that are stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    None,
    Corrections(Vec<Correction>),
    /// The series was rebased: `ratio` times the stored prices. The whole history has to be fetched.
    Rebased {
        ratio: f64,
    },
}

/// # Errors
/// Why the answer does not fit the series.
pub fn fit(batch: BarBatch, stored: &Stored<'_>) -> Result<Fitted, String> {
    let source = batch.source;
    let same_source = stored.series.source.as_deref() == Some(source);
    let basis = stored.series.basis.unwrap_or(batch.basis);
    let same_basis = basis == batch.basis;
    let change = match compare(stored.bars, &batch.bars, same_source, same_basis) {
        Overlap::Equal => Change::None,
        Overlap::Nothing if stored.bars.is_empty() || same_basis => Change::None,
        Overlap::Nothing => return Err("of another basis, and no stored session to compare with".to_owned()),
        Overlap::Corrections(corrections) => Change::Corrections(corrections),
        Overlap::Rebased { ratio } => Change::Rebased { ratio },
        Overlap::Contradiction { reason } => return Err(reason),
    };
    let fetched = batch.bars.len() as u64;
    let newest = batch.bars.last().map(|bar| bar.date);
    let bars = to_write(&batch.bars, stored.bars, &change);
    let agreeing = fetched - bars.len() as u64;
    Ok(Fitted { source, basis, bars, agreeing, fetched, newest, change, vouched: batch.vouched })
}

/// Stored bars that agree up to a vendor's rounding stay as they are.
fn to_write(fetched: &[Bar], stored: &[Bar], change: &Change) -> Vec<Bar> {
    let is_stored = |day: NaiveDate| stored.binary_search_by_key(&day, |bar| bar.date).is_ok();
    let is_corrected = |day: NaiveDate| match change {
        Change::None => false,
        Change::Corrections(corrections) => corrections.iter().any(|correction| correction.date == day),
        Change::Rebased { .. } => true,
    };
    fetched.iter().filter(|bar| !is_stored(bar.date) || is_corrected(bar.date)).copied().collect()
}

/// A whole rebased history: what the source gave, and what only we have, brought to the new basis.
#[must_use]
pub fn rebased(fetched: &[Bar], stored: &[Bar], ratio: f64) -> Vec<Bar> {
    let given = |day: NaiveDate| fetched.binary_search_by_key(&day, |bar| bar.date).is_ok();
    let price = |value: Option<f64>| value.map(|value| value * ratio);
    let kept = stored.iter().filter(|bar| !given(bar.date)).map(|bar| Bar {
        date: bar.date,
        open: price(bar.open),
        high: price(bar.high),
        low: price(bar.low),
        close: price(bar.close),
        volume: bar.volume.map(|volume| volume / ratio),
    });
    let mut bars: Vec<Bar> = fetched.iter().copied().chain(kept).collect();
    bars.sort_by_key(|bar| bar.date);
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(day: u32, close: f64) -> Bar {
        let date = NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
        let price = Some(close);
        Bar { date, open: price, high: price, low: price, close: price, volume: Some(1000.0) }
    }

    fn batch(source: &'static str, basis: Basis, bars: &[Bar]) -> BarBatch {
        let vouched = Days { from: bars[0].date, to: bars[bars.len() - 1].date };
        BarBatch { source, basis, bars: bars.to_vec(), rejected: Vec::new(), vouched }
    }

    fn series(source: &str, basis: Basis) -> Series {
        Series { basis: Some(basis), source: Some(source.into()), ..Series::default() }
    }

    #[test]
    fn equal_overlap_writes_only_what_is_new() {
        let series = series("yahoo", Basis::Split);
        let bars = [bar(5, 100.0), bar(6, 101.0)];
        let stored = Stored { series: &series, bars: &bars, previous_close: None };
        let given = batch("yahoo", Basis::Split, &[bar(5, 100.0), bar(6, 101.0), bar(7, 102.0)]);
        let found = fit(given, &stored).unwrap();
        assert_eq!((found.bars.as_slice(), found.agreeing), ([bar(7, 102.0)].as_slice(), 2));
    }

    #[test]
    fn a_basis_that_differs_is_refused_unless_the_overlap_is_equal() {
        let series = series("yahoo", Basis::Split);
        let bars: Vec<Bar> = (5..10).map(|day| bar(day, 100.0)).collect();
        let stored = Stored { series: &series, bars: &bars, previous_close: None };
        let adjusted: Vec<Bar> = (5..11).map(|day| bar(day, 97.0)).collect();
        assert!(fit(batch("stooq", Basis::SplitDividend, &adjusted), &stored).is_err());
        let equal: Vec<Bar> = (5..11).map(|day| bar(day, 100.0)).collect();
        let found = fit(batch("stooq", Basis::SplitDividend, &equal), &stored).unwrap();
        assert_eq!((found.basis, found.bars.len()), (Basis::Split, 1));
        let apart = batch("stooq", Basis::SplitDividend, &[bar(20, 100.0)]);
        assert!(fit(apart, &stored).is_err());
    }

    #[test]
    fn a_rebased_history_keeps_what_only_we_have_on_the_new_basis() {
        let bars = rebased(&[bar(6, 50.0)], &[bar(5, 100.0), bar(6, 100.0)], 0.5);
        assert_eq!(bars.len(), 2);
        assert_eq!((bars[0].close, bars[0].volume), (Some(50.0), Some(2000.0)));
    }
}
