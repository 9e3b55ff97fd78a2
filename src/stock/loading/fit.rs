//! Fitting an answer to the stored series: one basis, corrections seen, nothing overwritten without a reason.

use chrono::NaiveDate;

use crate::stock::{
    bar::{Bar, BarBatch, Days},
    overlap::{Correction, OneBasis, Overlap, Settled, settle},
    store::series::Series,
};

/// What is stored of the company, to judge answers by.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    pub series: &'a Series,
    /// The stored bars on the days asked for; of an unsettled series all of them.
    pub bars: &'a [Bar],
    /// The last stored close before them, with its day.
    pub previous_close: Option<(NaiveDate, f64)>,
}

/// Bars that may be written, and what is to be recorded with them.
#[derive(Clone, Debug)]
pub struct Fitted {
    pub source: &'static str,
    /// On the basis of the series; without those that agree with what is stored.
    pub bars: OneBasis,
    /// Rows of the answer that agree with what is stored.
    pub agreeing: u64,
    /// Bars of the answer.
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
    /// The series was rebased: `ratio` times the stored prices up to the session `until`. The whole history has to be
    /// fetched.
    Rebased {
        ratio: f64,
        until: NaiveDate,
    },
    /// The series had no basis, and has that of the answer now.
    Settled(Settled),
}

/// # Errors
/// Why the answer does not fit the series.
pub fn fit(batch: BarBatch, stored: &Stored<'_>) -> Result<Fitted, String> {
    let source = batch.source;
    let fetched = batch.bars.len() as u64;
    let newest = batch.bars.last().map(|bar| bar.date);
    if stored.series.is_unsettled() {
        let (bars, settled) = settle(&batch, stored.bars)?;
        let agreeing = fetched.saturating_sub(bars.len() as u64);
        let change = Change::Settled(settled);
        return Ok(Fitted { source, bars, agreeing, fetched, newest, change, vouched: batch.vouched });
    }
    let same_source = stored.series.source.as_deref() == Some(source);
    let (bars, found) = OneBasis::join(&batch, stored.series.basis, stored.bars, same_source)?;
    let change = match found {
        Overlap::Nothing | Overlap::Equal => Change::None,
        Overlap::Corrections(corrections) => Change::Corrections(corrections),
        Overlap::Rebased { ratio, until } => Change::Rebased { ratio, until },
        Overlap::Contradiction { reason } => return Err(reason),
    };
    let agreeing = fetched - bars.len() as u64;
    Ok(Fitted { source, bars, agreeing, fetched, newest, change, vouched: batch.vouched })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::bar::Basis;

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
        assert_eq!((&*found.bars, found.agreeing), ([bar(7, 102.0)].as_slice(), 2));
    }
}
