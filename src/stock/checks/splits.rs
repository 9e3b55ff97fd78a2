//! The check that an answer is adjusted for the splits it announces itself.
//!
//! A source of ours gives its whole history in the shares of today. Where a split it announces shows in its prices all
//! the same, the sessions before are in the shares of then, wholly or in part: two units in one answer.

use chrono::NaiveDate;

use super::known::Known;
use super::tally::{BEARABLE, Tally};
use crate::stock::bar::{Bar, Row, Split};

/// A smaller ratio cannot be told from a bad day: Tokyo's limit for one is about 30 %.
const TELLING: f64 = 1.4;

/// A source may have adjusted a few sessions more or less than it should, so the step is looked for this many traded
/// sessions around the split.
const AROUND: usize = 10;

/// The step is the split's when taking the ratio out leaves less than this part of it.
const REST: f64 = 1.0 / 3.0;

/// Keeps the rows that are adjusted for every split of `splits`. What is stored on both sides of a step is a fact.
///
/// # Errors
/// Why nothing of the answer can be used: more than a fifth of it is not adjusted, or what is stored before it is not.
pub(super) fn keep_adjusted(
    mut rows: Vec<Row>,
    splits: &[Split],
    stored: Option<(NaiveDate, f64)>,
    known: Known<'_>,
    tally: &mut Tally,
) -> Result<Vec<Row>, String> {
    let telling = |split: &&Split| split.ratio.ln().abs() >= TELLING.ln() && split.ratio.is_finite();
    for split in splits.iter().filter(telling) {
        if let Some(reason) = stored.and_then(|stored| before_the_answer(&rows, split, stored)) {
            return Err(reason);
        }
        let traded: Vec<Bar> = rows.iter().map(|row| row.bar).filter(|bar| bar.close.is_some()).collect();
        let Some(stretch) = unadjusted(&traded, split, known) else { continue };
        let is_of_it = |row: &Row| stretch.from <= row.bar.date && row.bar.date <= stretch.to;
        let count = rows.iter().filter(|row| is_of_it(row)).count();
        let reason = format!(
            "the split of {} on {} shows between {} and {}: not adjusted for it",
            split.ratio, split.date, stretch.to, stretch.next
        );
        if count * BEARABLE > rows.len() {
            return Err(format!("{reason} are {count} of {} sessions", rows.len()));
        }
        let (wrong, right): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(is_of_it);
        wrong.into_iter().for_each(|row| tally.reject(row, reason.clone()));
        rows = right;
    }
    Ok(rows)
}

/// Sessions in the shares of before a split.
struct Stretch {
    from: NaiveDate,
    to: NaiveDate,
    /// The session after them, in the shares of today.
    next: NaiveDate,
}

/// The sessions before the step up to the day at which the opposite step stands, or all of them. `traded` have closes.
fn unadjusted(traded: &[Bar], split: &Split, known: Known<'_>) -> Option<Stretch> {
    let day = traded.partition_point(|bar| bar.date < split.date);
    let range = day.saturating_sub(AROUND)..(day + AROUND + 1).min(traded.len());
    let shows = |ratio: f64, index: usize| {
        let (Some(before), Some(after)) = (traded.get(index.wrapping_sub(1)), traded.get(index)) else { return false };
        let facts = known.has_prices(before) && known.has_prices(after);
        !facts && before.close.is_some_and(|close| is_step(ratio, close, after))
    };
    let step = range.rev().find(|index| shows(split.ratio, *index))?;
    let start = (1..step).rev().find(|index| shows(1.0 / split.ratio, *index)).unwrap_or(0);
    Some(Stretch { from: traded.get(start)?.date, to: traded.get(step - 1)?.date, next: traded.get(step)?.date })
}

/// The stored close before an answer that begins after the split, and so is in other shares than what is stored.
fn before_the_answer(rows: &[Row], split: &Split, (day, close): (NaiveDate, f64)) -> Option<String> {
    let first = rows.iter().map(|row| row.bar).find(|bar| bar.close.is_some())?;
    let shows = day < first.date && day < split.date && is_step(split.ratio, close, &first);
    shows.then(|| {
        let Split { date, ratio } = split;
        format!("what is stored up to {day} is not adjusted for the split of {ratio} on {date}, and the answer is")
    })
}

/// Whether both the open and the close follow the close before as they do when a split is not taken out.
fn is_step(ratio: f64, before: f64, after: &Bar) -> bool {
    let shows = |price: f64| {
        let step = (price / before).ln();
        (step + ratio.ln()).abs() < step.abs() * REST
    };
    after.close.is_some_and(shows) && after.open.is_none_or(shows)
}

#[cfg(test)]
#[path = "splits_tests.rs"]
mod tests;
