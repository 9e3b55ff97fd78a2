//! In what pieces gaps are asked for.

use chrono::NaiveDate;

use super::gaps::Gap;
use crate::stock::{bar::Days, calendar::Calendar};

/// Gaps with no more sessions than these between them are asked for as one. So many rows are one page of Kabutan's,
/// the source with the smallest answers, and a few kilobytes of any other's: less than a request costs.
const NEAR: usize = 30;

/// Days to ask for, and the gaps within them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The gaps and what lies between them, with the sessions on both sides that are read again to compare.
    pub days: Days,
    /// Ascending.
    pub gaps: Vec<Gap>,
}

/// Joins near gaps of `expected`, and adds `overlap` sessions on both sides of each piece, within `limits`.
#[must_use]
pub fn pieces(calendar: &Calendar, expected: &[NaiveDate], gaps: &[Gap], overlap: usize, limits: Days) -> Vec<Piece> {
    let position = |day: NaiveDate| expected.partition_point(|other| *other < day);
    let mut joined: Vec<Vec<Gap>> = Vec::new();
    for gap in gaps {
        match joined.last_mut().filter(|piece| {
            let before = piece.last().map_or(0, |last| position(last.days.to));
            position(gap.days.from) - before <= NEAR + 1
        }) {
            Some(piece) => piece.push(*gap),
            None => joined.push(vec![*gap]),
        }
    }
    let piece = |gaps: Vec<Gap>| {
        let (first, last) = (gaps.first()?.days.from, gaps.last()?.days.to);
        let from = calendar.nth_session_before(first, overlap).max(limits.from).min(first);
        let to = (0..overlap).fold(last, |day, _| calendar.next_session_after(day)).min(limits.to).max(last);
        Some(Piece { days: Days { from, to }, gaps })
    };
    joined.into_iter().filter_map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::{calendar::Market, coverage::gaps};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn year() -> Days {
        Days { from: day("2024-01-04"), to: day("2024-12-30") }
    }

    /// The pieces when these sessions of 2024 have no row, by their positions.
    fn without(missing: &[usize]) -> Vec<(Vec<Gap>, Days)> {
        let expected: Vec<NaiveDate> = Calendar::embedded(Market::Tokyo).sessions(year()).collect();
        let there = expected.iter().enumerate().filter(|(n, _)| !missing.contains(n)).map(|(_, day)| *day);
        let found = gaps(&expected, &there.collect::<Vec<_>>());
        pieces(&Calendar::embedded(Market::Tokyo), &expected, &found, 3, year())
            .into_iter()
            .map(|piece| (piece.gaps, piece.days))
            .collect()
    }

    #[test]
    fn far_gaps_are_asked_for_apart_and_near_ones_together() {
        // 30 sessions lie between the first two, 31 between the next two.
        assert_eq!(without(&[10, 41]).len(), 1);
        assert_eq!(without(&[10, 42]).len(), 2);
        let found = without(&[10, 11, 41, 200]);
        assert_eq!(found.iter().map(|(gaps, _)| gaps.len()).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn a_piece_reaches_some_sessions_beyond_its_gaps_but_not_beyond_the_limits() {
        let expected: Vec<NaiveDate> = Calendar::embedded(Market::Tokyo).sessions(year()).collect();
        let middle = without(&[100, 101]);
        assert_eq!(middle[0].1, Days { from: expected[97], to: expected[104] });
        let ends = without(&[0, expected.len() - 1]);
        assert_eq!(ends[0].1, Days { from: year().from, to: expected[3] });
        assert_eq!(ends[1].1, Days { from: expected[expected.len() - 4], to: year().to });
    }
}
