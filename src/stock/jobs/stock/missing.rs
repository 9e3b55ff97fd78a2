//! What the mode `missing` fetches of a company: its gaps, in pieces. And what an answer's silence means for them. Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::need::{Wanted, need};
use crate::stock::{
    bar::Days,
    calendar::{Calendar, Market},
    company::Company,
    coverage::{Extent, Piece, expected, gaps, pieces},
    loading::{Fitted, Rejected, is_fresh},
    store::series::Series,
};

/// The pieces to fetch, ascending; `dates` are those of all rows of the company. Without any row it is the history,
/// whose silent days are no gaps: nobody knows when it begins.
#[must_use]
pub fn missing(
    company: &Company,
    calendar: &Calendar,
    series: &Series,
    wanted: &Wanted,
    dates: &[NaiveDate],
) -> Vec<Piece> {
    let (Some(first), Some(newest)) = (dates.first(), dates.last()) else {
        let history = need(company, calendar, series, wanted);
        return history.map(|days| Piece { days, gaps: Vec::new() }).into_iter().collect();
    };
    let extent = Extent { first: Some(*first), newest: Some(*newest), covered: series.covered };
    let Some(days) = limited(company, &extent, wanted) else { return Vec::new() };
    let expected: Vec<NaiveDate> = calendar.sessions(days).collect();
    let found = gaps(&expected, dates);
    let last = company.listed_to.map_or(wanted.newest_final, |last| last.min(wanted.newest_final));
    let limits = Days { from: days.from.min(*first), to: last };
    pieces(calendar, &expected, &found, wanted.overlap_sessions, limits)
}

/// The days in which gaps are looked for.
fn limited(company: &Company, extent: &Extent, wanted: &Wanted) -> Option<Days> {
    let due = expected(company, extent, wanted.newest_final)?;
    let from = wanted.from.map_or(due.from, |from| company.listed_from.map_or(from, |listed| from.max(listed)));
    // Days before the first row that sources have answered for are no gap, though somebody asks from there on.
    let answered = extent.covered.is_some_and(|covered| covered.contains(from));
    let from = if answered { from.max(due.from) } else { from };
    let to = wanted.to.map_or(due.to, |to| to.min(due.to));
    (from <= to).then_some(Days { from, to })
}

/// A piece's sessions without a row.
#[must_use]
pub fn sessions_of(calendar: &Calendar, piece: &Piece) -> Vec<NaiveDate> {
    piece.gaps.iter().flat_map(|gap| calendar.sessions(gap.days)).collect()
}

/// Completes an answer by the missing sessions that its source vouches for and no source has a bar for: they had no
/// trades. Gives how many. One whose row is in quarantine, or that may just not be published yet, stays missing.
pub fn complete(
    answer: &mut Fitted,
    missing: &[NaiveDate],
    (given, rejected): (&BTreeSet<NaiveDate>, &[Rejected]),
    market: Market,
    now: DateTime<Utc>,
) -> usize {
    let rejected: Vec<Option<NaiveDate>> = rejected
        .iter()
        .filter(|from| from.source == answer.source)
        .flat_map(|from| &from.rows)
        .map(|row| row.date)
        .collect();
    // A row that could not be read may have been of any day.
    if rejected.contains(&None) {
        return 0;
    }
    let silent = |day: &&NaiveDate| {
        answer.vouched.contains(**day)
            && !given.contains(*day)
            && !rejected.contains(&Some(**day))
            && !is_fresh(market, **day, now)
    };
    let found: Vec<NaiveDate> = missing.iter().filter(silent).copied().collect();
    answer.bars.add_without_trades(&found);
    found.len()
}

/// `2019-03-11 to 2019-04-11, 2020-06-01 to 2020-06-22 and 3 more`
#[must_use]
pub fn in_words(pieces: &[Piece]) -> String {
    /// Ranges told one by one.
    const TOLD: usize = 20;
    let told: Vec<String> =
        pieces.iter().take(TOLD).map(|piece| format!("{} to {}", piece.days.from, piece.days.to)).collect();
    let more = pieces.len().saturating_sub(TOLD);
    if more > 0 { format!("{} and {more} more", told.join(", ")) } else { told.join(", ") }
}

#[cfg(test)]
#[path = "missing_tests.rs"]
mod tests;
