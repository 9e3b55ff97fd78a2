//! A stored history of which nobody knows what it is adjusted for, beside a source's whole history of the same company.
//! The original wrote bars adjusted for splits and dividends and bars adjusted for splits only into one series.

use chrono::NaiveDate;

use super::{OneBasis, Overlap, agreement::rounding, compare, compare::common_sessions, differing};
use crate::stock::bar::{Bar, BarBatch};

/// Two series of one company move alike from session to session but where the basis of one changes. So far two moves
/// may be apart besides the rounding of their prices, as logarithms.
const ALIKE: f64 = 2e-3;
/// A fetched price may leap by no more than this beyond what is stored, as a logarithm: a fifth, as no dividend makes it.
const LEAP: f64 = 0.2;

/// What a source's history makes of a series without a basis.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The ratio of fetched to stored prices, where it is one.
    pub ratio: Option<f64>,
    /// Stored sessions whose values are no longer what they were, ascending.
    pub replaced: Vec<NaiveDate>,
    /// Stored sessions that the source does not have and that cannot be shown to be on its basis, ascending.
    pub left: Vec<NaiveDate>,
}

/// Settles the basis of a series by an answer: `stored` is all there is of it. Where they agree, what is stored stays; at
/// one constant ratio all of it is brought to the answer's unit; otherwise the answer's bars take its place.
///
/// # Errors
/// Why the answer settles nothing: it does not reach back far enough, has too few of the sessions, or is no history of
/// the same company.
pub fn settle(batch: &BarBatch, stored: &[Bar]) -> Result<(OneBasis, Settled), String> {
    let priced: Vec<&Bar> = stored.iter().filter(|bar| bar.close.is_some()).collect();
    let common = closes(stored, &batch.bars);
    if let Some(first) = priced.first()
        && batch.vouched.from > first.date
    {
        let (from, first) = (batch.vouched.from, first.date);
        return Err(format!(
            "it goes back to {from} only, and the bars taken over, of an unknown basis, begin on {first}"
        ));
    }
    if common.len() * 2 < priced.len() {
        let (has, all) = (common.len(), priced.len());
        return Err(format!("it has {has} of the {all} sessions taken over, too few to tell their basis"));
    }
    is_the_same_company(&common)?;
    let agreeing = agreeing(stored, &batch.bars);
    let none_agrees = agreeing.iter().all(|(_, agrees)| !agrees);
    let settled = |ratio, replaced, left| Settled { ratio, replaced, left };
    match compare(stored, &batch.bars, false, true) {
        Overlap::Nothing | Overlap::Equal => {
            Ok((OneBasis::of_answer(batch, added(stored, &batch.bars)), settled(None, Vec::new(), Vec::new())))
        }
        Overlap::Rebased { ratio, until } if none_agrees => {
            let whole = OneBasis::of_answer(batch, batch.bars.clone()).rebased(stored, ratio, until);
            let replaced = priced.iter().filter(|bar| !whole.contains(bar)).map(|bar| bar.date).collect();
            Ok((whole, settled(Some(ratio), replaced, Vec::new())))
        }
        Overlap::Rebased { .. } | Overlap::Corrections(_) | Overlap::Contradiction { .. } => {
            let is_shown = |day| is_between(&agreeing, day);
            let is_given = |day: NaiveDate| batch.bars.binary_search_by_key(&day, |bar| bar.date).is_ok();
            let left = priced.iter().map(|bar| bar.date).filter(|day| !is_given(*day) && !is_shown(*day)).collect();
            let changed = |bar: &&Bar| {
                let old = stored.binary_search_by_key(&bar.date, |old| old.date).ok().and_then(|at| stored.get(at));
                old.is_some_and(|old| old != *bar)
            };
            let replaced = batch.bars.iter().filter(changed).map(|bar| bar.date).collect();
            Ok((OneBasis::of_answer(batch, batch.bars.clone()), settled(None, replaced, left)))
        }
    }
}

/// The sessions on which both have a close: the day, the stored one, the fetched one.
fn closes(stored: &[Bar], fetched: &[Bar]) -> Vec<(NaiveDate, f64, f64)> {
    common_sessions(stored, fetched).iter().filter_map(|c| Some((c.date, c.old.close?, c.new.close?))).collect()
}

fn added(stored: &[Bar], fetched: &[Bar]) -> Vec<Bar> {
    let is_stored = |day: NaiveDate| stored.binary_search_by_key(&day, |bar| bar.date).is_ok();
    fetched.iter().filter(|bar| !is_stored(bar.date)).copied().collect()
}

/// Each common session, and whether it agrees.
fn agreeing(stored: &[Bar], fetched: &[Bar]) -> Vec<(NaiveDate, bool)> {
    let differing: Vec<NaiveDate> = differing(stored, fetched, false).iter().map(|c| c.date).collect();
    let agrees = |day: &NaiveDate| differing.binary_search(day).is_err();
    closes(stored, fetched).iter().map(|(day, ..)| (*day, agrees(day))).collect()
}

/// Whether the nearest common sessions on both sides of a day agree.
fn is_between(common: &[(NaiveDate, bool)], day: NaiveDate) -> bool {
    let at = common.partition_point(|(other, _)| *other < day);
    let agrees = |at: Option<usize>| at.and_then(|at| common.get(at)).is_some_and(|(_, agrees)| *agrees);
    agrees(at.checked_sub(1)) && agrees(Some(at))
}

/// A code may have been given to another company, and a source may have adjusted half of a history.
fn is_the_same_company(common: &[(NaiveDate, f64, f64)]) -> Result<(), String> {
    let mut alike = 0;
    for pair in common.windows(2) {
        let [(_, old_before, new_before), (day, old, new)] = pair else { continue };
        let (stored, fetched) = ((old / old_before).ln(), (new / new_before).ln());
        if fetched.abs() > stored.abs() + LEAP {
            return Err(format!("its prices leap on {day} where those taken over do not"));
        }
        let rounded: f64 = [old_before, new_before, old, new].map(|price| rounding(*price) / price).iter().sum();
        alike += usize::from((fetched - stored).abs() <= ALIKE + rounded);
    }
    let moves = common.len().saturating_sub(1);
    if alike * 2 < moves {
        return Err(format!(
            "its prices move as those taken over in {alike} of {moves} sessions only: is it the same company?"
        ));
    }
    Ok(())
}

#[cfg(test)]
#[path = "settle_tests.rs"]
mod tests;
