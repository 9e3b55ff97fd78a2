//! The way of an answer through all checks.

use chrono::NaiveDate;

use super::known::Known;
use super::tally::Tally;
use super::{dates, duplicates, leaps, prices, splits};
use crate::stock::bar::{Bar, BarBatch, Days, RawBatch, Rejection};
use crate::stock::calendar::Calendar;

/// What a batch is judged by besides itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckContext<'a> {
    pub calendar: &'a Calendar,
    /// The newest session whose bar is final: nothing later is loaded.
    pub newest_final: NaiveDate,
    /// The last stored close before the batch, with its day.
    pub previous_close: Option<(NaiveDate, f64)>,
}

/// A batch that may be loaded, and what was left out of it without being wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// `vouched` ends at the newest final session: later days are not vouched for, whatever the source says.
    pub batch: BarBatch,
    /// Rows of the session that is not final yet.
    pub provisional: usize,
    /// Rows of days the source was not asked for.
    pub unasked: usize,
}

/// So many rows were rejected that the source no longer answers what it did, or the answer contradicts itself: nothing
/// of the batch is loaded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{reason}")]
pub struct SchemaChanged {
    pub reason: String,
    /// Every row that was rejected, for the quarantine; where the answer as a whole was, one row that stands for it.
    pub rejected: Vec<Rejection>,
}

/// Checks a batch of days nothing is stored of.
///
/// # Errors
/// As [`check_beside`].
pub fn check(raw: RawBatch, context: &CheckContext<'_>) -> Result<Checked, SchemaChanged> {
    check_beside(raw, context, &[])
}

/// Checks each row; in the result every bar is of a final session, one per session, ascending.
///
/// A row that says what is stored of its day is a fact and passes, whatever it is: somebody accepted it, or it passed
/// before. `stored` are the stored bars on the days of the batch, ascending.
///
/// A row on a session without trades (no prices, or one price four times and a volume of 0, as some vendors carry
/// the last close forward) becomes a bar without prices and volume.
///
/// # Errors
/// [`SchemaChanged`] when more than a fifth of the rows are rejected, or the answer is not adjusted for a split that it
/// announces itself. Rows without volume on days without a session,
/// which Yahoo is known to add, are rejected but not held against the source.
pub fn check_beside(raw: RawBatch, context: &CheckContext<'_>, stored: &[Bar]) -> Result<Checked, SchemaChanged> {
    let known = Known(stored);
    let RawBatch { source, basis, rows, unreadable, splits: announced, vouched } = raw;
    let mut tally = Tally::new(rows.len(), unreadable);
    let rows = dates::keep_final_sessions(rows, vouched, context, known, &mut tally);
    let rows = duplicates::fold(rows, &mut tally);
    let rows = prices::keep_sound(rows, known, &mut tally);
    let rows = match splits::keep_adjusted(rows, &announced, context.previous_close, known, &mut tally) {
        Ok(rows) => rows,
        Err(reason) => return Err(tally.refusal(vouched, reason)),
    };
    let bars = leaps::keep_continuous(rows, context.previous_close, known, &mut tally);
    let (provisional, unasked) = (tally.provisional, tally.unasked);
    let rejected = tally.verdict(source)?;
    let vouched = Days { from: vouched.from, to: vouched.to.min(context.newest_final) };
    Ok(Checked { batch: BarBatch { source, basis, bars, rejected, vouched }, provisional, unasked })
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
