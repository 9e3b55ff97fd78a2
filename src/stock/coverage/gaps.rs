//! The sessions without a row, as ranges.

use chrono::NaiveDate;

use crate::stock::bar::Days;

/// Expected sessions without a row, one after the other: the row before the first and after the last is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// From the first missing session to the last.
    pub days: Days,
    pub sessions: usize,
}

/// The gaps; both lists ascending. Days that are present without being expected do not matter.
#[must_use]
pub fn gaps(expected: &[NaiveDate], present: &[NaiveDate]) -> Vec<Gap> {
    let mut present = present.iter().peekable();
    let mut found: Vec<Gap> = Vec::new();
    let mut open = false;
    for &day in expected {
        while present.next_if(|other| **other < day).is_some() {}
        let missing = present.next_if(|other| **other == day).is_none();
        match found.last_mut() {
            Some(gap) if missing && open => {
                *gap = Gap { days: Days { to: day, ..gap.days }, sessions: gap.sessions + 1 }
            }
            _ if missing => found.push(Gap { days: Days { from: day, to: day }, sessions: 1 }),
            _ => {}
        }
        open = missing;
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(n: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(n)
    }

    fn of(expected: &[u64], present: &[u64]) -> Vec<(NaiveDate, NaiveDate, usize)> {
        let dates = |days: &[u64]| days.iter().map(|n| day(*n)).collect::<Vec<_>>();
        gaps(&dates(expected), &dates(present)).iter().map(|gap| (gap.days.from, gap.days.to, gap.sessions)).collect()
    }

    #[test]
    fn missing_sessions_that_follow_one_another_are_one_gap_over_weekends_too() {
        // 2, 3 and 9 are no sessions.
        let expected = [0, 1, 4, 5, 6, 7, 8, 10, 11];
        assert_eq!(of(&expected, &[0, 5, 6, 10, 11]), [(day(1), day(4), 2), (day(7), day(8), 2)]);
        assert_eq!(of(&expected, &[4, 5, 6, 7, 8]), [(day(0), day(1), 2), (day(10), day(11), 2)]);
        assert_eq!(of(&expected, &[]), [(day(0), day(11), 9)]);
        assert_eq!(of(&expected, &expected), []);
        assert_eq!(of(&[], &[1]), []);
    }

    #[test]
    fn a_row_on_a_day_that_is_not_expected_closes_no_gap() {
        assert_eq!(of(&[0, 1, 4, 5], &[0, 2, 5]), [(day(1), day(4), 2)]);
    }

    proptest! {
        #[test]
        fn the_gaps_and_what_is_present_are_what_is_expected(there in proptest::collection::vec(any::<bool>(), 0..60)) {
            let expected: Vec<NaiveDate> = (0..there.len() as u64).map(day).collect();
            let present: Vec<NaiveDate> = expected.iter().zip(&there).filter(|(_, there)| **there).map(|(d, _)| *d).collect();
            let found = gaps(&expected, &present);
            prop_assert_eq!(found.iter().map(|gap| gap.sessions).sum::<usize>(), expected.len() - present.len());
            for pair in found.windows(2) {
                prop_assert!(present.iter().any(|day| pair[0].days.to < *day && *day < pair[1].days.from));
            }
            prop_assert!(present.iter().all(|day| !found.iter().any(|gap| gap.days.contains(*day))));
        }
    }
}
