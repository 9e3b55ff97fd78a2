//! Fitting an answer that was given before, and is read again: it may repair what was made of it then, and must not
//! undo what was told later.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::fit::{Change, Fitted, Stored};
use crate::stock::{
    bar::{Bar, BarBatch, Days},
    overlap::{OneBasis, Overlap, are_of_one_unit, compare, differing},
};

/// What is known beside the stored bars of an answer that was given before.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// Of the stored bars on its days those of the same source: only these are what was made of it.
    pub own: BTreeSet<NaiveDate>,
    /// Days that later answers tell of as well, or that were corrected later.
    pub told_later: BTreeSet<NaiveDate>,
    /// The series was rebased later.
    pub rebased_later: bool,
}

/// The bars of an answer given before that may be written now: new days, and stored ones of the same source that
/// were misread. However many are: nobody but a reader of ours has changed. The whole history alone may be of another
/// basis than the stored one.
///
/// # Errors
/// Why nothing of the answer is loaded.
pub fn refit(batch: BarBatch, stored: &Stored<'_>, before: &Before) -> Result<Fitted, String> {
    let BarBatch { source, basis: of_batch, ref bars, vouched, .. } = batch;
    let newest = bars.last().map(|bar| bar.date).ok_or("it has no bars")?;
    if stored.series.is_unsettled() {
        return Err("nobody knows yet what the bars taken over are adjusted for: a run of stock settles it".to_owned());
    }
    let series = stored.series.basis;
    let basis = series.unwrap_or(of_batch);
    // Its end counts no further than its newest bar: what is missing after that was perhaps only late.
    let vouched = Days { from: vouched.from, to: vouched.to.min(newest) };
    require_no_gap(stored, vouched)?;
    let is_whole = is_whole(stored, vouched) && is_own(stored.bars, &before.own) && !before.rebased_later;
    let fetched = bars.len() as u64;
    let fitted = |bars: OneBasis, change| {
        let agreeing = fetched - (bars.len() as u64).min(fetched);
        Fitted { source, bars, agreeing, fetched, newest: Some(newest), change, vouched }
    };
    match compare(stored.bars, bars, false, basis == of_batch) {
        Overlap::Rebased { ratio, until } if is_whole => {
            let whole = OneBasis::reread(&batch, series, stored.bars, |_| true)?;
            return Ok(fitted(whole.rebased(stored.bars, ratio, until), Change::Rebased { ratio, until }));
        }
        Overlap::Rebased { ratio, .. } => {
            return Err(format!("of another basis: its prices are {ratio} times the stored"));
        }
        Overlap::Contradiction { reason } if basis != of_batch => return Err(reason),
        Overlap::Nothing if stored.series.covered.is_some() && (basis != of_batch || before.rebased_later) => {
            return Err("no stored session tells its basis".to_owned());
        }
        Overlap::Contradiction { reason } if !is_whole && !are_of_one_unit(stored.bars, bars) => return Err(reason),
        Overlap::Corrections(_) if !is_whole && !are_of_one_unit(stored.bars, bars) => {
            return Err("most of its closes are not the stored ones".to_owned());
        }
        _ => {}
    }
    let own: Vec<Bar> = stored.bars.iter().filter(|bar| before.own.contains(&bar.date)).copied().collect();
    let mut corrections = differing(&own, bars, true);
    corrections.retain(|correction| !before.told_later.contains(&correction.date));
    let is_stored = |day: NaiveDate| stored.bars.binary_search_by_key(&day, |bar| bar.date).is_ok();
    let is_corrected = |day: NaiveDate| corrections.binary_search_by_key(&day, |found| found.date).is_ok();
    let is_new = |day: NaiveDate| !is_stored(day) && !before.told_later.contains(&day);
    let wanted = |bar: &Bar| is_new(bar.date) || is_corrected(bar.date);
    let written = OneBasis::reread(&batch, series, stored.bars, wanted)?;
    let change = if corrections.is_empty() { Change::None } else { Change::Corrections(corrections) };
    Ok(fitted(written, change))
}

/// Covered days have no gap between them, and get none.
fn require_no_gap(stored: &Stored<'_>, vouched: Days) -> Result<(), String> {
    let Some(covered) = stored.series.covered else { return Ok(()) };
    let next = |day: NaiveDate| day.succ_opt().unwrap_or(day);
    if vouched.from > next(covered.to) || covered.from > next(vouched.to) {
        return Err(format!("{} to {} lies apart from what is stored", vouched.from, vouched.to));
    }
    Ok(())
}

fn is_whole(stored: &Stored<'_>, vouched: Days) -> bool {
    stored.series.covered.is_none_or(|covered| vouched.from <= covered.from)
        && stored.series.newest_date.is_none_or(|newest| newest <= vouched.to)
}

fn is_own(stored: &[Bar], own: &BTreeSet<NaiveDate>) -> bool {
    stored.iter().all(|bar| own.contains(&bar.date))
}

#[cfg(test)]
#[path = "refit_tests.rs"]
mod tests;
