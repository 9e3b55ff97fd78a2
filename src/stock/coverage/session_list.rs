//! The sessions of a market written out once, for questions about many companies.

use chrono::{Datelike as _, NaiveDate};

use crate::stock::{bar::Days, calendar::Calendar};

/// From this year on every market's calendar is exact, and `checks` let no row of another day in.
const EXACT_FROM: i32 = 1990;

/// The sessions of a range of days.
#[derive(Clone, Debug)]
pub struct SessionList {
    /// Ascending.
    sessions: Vec<NaiveDate>,
    /// Days, ascending, that were sessions before the exchange said otherwise: rows of them may be stored.
    closed: Vec<NaiveDate>,
}

impl SessionList {
    #[must_use]
    pub fn new(calendar: &Calendar, days: Days) -> Self {
        Self { sessions: calendar.sessions(days).collect(), closed: calendar.closed_days().collect() }
    }

    /// Those within `days`.
    #[must_use]
    pub fn within(&self, days: Days) -> &[NaiveDate] {
        let from = self.sessions.partition_point(|day| *day < days.from);
        let to = self.sessions.partition_point(|day| *day <= days.to);
        self.sessions.get(from..to).unwrap_or_default()
    }

    /// Those of `present` that were sessions before the exchange said otherwise.
    #[must_use]
    pub fn unexpected(&self, present: &[NaiveDate]) -> Vec<NaiveDate> {
        self.closed.iter().copied().filter(|day| present.binary_search(day).is_ok()).collect()
    }

    /// Whether so many rows, from `first` to `newest`, are one for each session of `expected`: then nobody need look at
    /// their dates. Where the calendar is not exact or has changed, rows on days that are no session here may make up for
    /// missing ones.
    #[must_use]
    pub fn is_complete(&self, expected: Days, rows: usize, (first, newest): (NaiveDate, NaiveDate)) -> bool {
        expected.from.year() >= EXACT_FROM
            && expected.contains(first)
            && expected.contains(newest)
            && !self.closed.iter().any(|day| expected.contains(*day))
            && self.within(expected).len() == rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::calendar::{Market, MarketDay};

    #[test]
    fn as_many_rows_as_sessions_within_their_days_are_all_of_them() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let week = Days { from: day("2026-07-21"), to: day("2026-07-24") };
        let list = SessionList::new(
            &Calendar::embedded(Market::Tokyo),
            Days { from: day("1980-01-01"), to: day("2026-12-31") },
        );
        assert!(list.is_complete(week, 4, (week.from, week.to)));
        assert!(!list.is_complete(week, 3, (week.from, week.to)));
        assert!(!list.is_complete(week, 4, (day("2026-07-17"), week.to)), "one of them lies before");
        let old = Days { from: day("1985-01-07"), to: day("1985-01-07") };
        assert!(!list.is_complete(old, 1, (old.from, old.to)), "the calendar of then is not exact for every market");
    }

    #[test]
    fn a_row_of_a_day_that_was_a_session_once_makes_up_for_none() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let week = Days { from: day("2026-07-21"), to: day("2026-07-24") };
        let closed = MarketDay { date: day("2026-07-22"), is_open: false };
        let calendar = Calendar::announced(Market::Tokyo, [closed], None);
        let list = SessionList::new(&calendar, Days { from: day("2026-01-01"), to: day("2026-12-31") });
        assert_eq!(list.within(week).len(), 3);
        assert!(!list.is_complete(week, 3, (week.from, week.to)), "three of them, or two and that of the 22nd");
        assert_eq!(list.unexpected(&[day("2026-07-21"), day("2026-07-22")]), [day("2026-07-22")]);
        assert!(list.unexpected(&[day("2026-07-21")]).is_empty());
        let before = Days { from: day("2026-07-13"), to: day("2026-07-17") };
        assert!(list.is_complete(before, 5, (before.from, before.to)));
    }

    #[test]
    fn a_part_of_the_list_is_what_the_calendar_says_of_it() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let list = SessionList::new(
            &Calendar::embedded(Market::Tokyo),
            Days { from: day("2018-01-01"), to: day("2020-12-31") },
        );
        for (from, to) in [("2019-04-26", "2019-05-07"), ("2017-01-01", "2018-01-05"), ("2019-01-01", "2018-01-01")] {
            let days = Days { from: day(from).max(day("2018-01-01")), to: day(to) };
            assert_eq!(
                list.within(days),
                Calendar::embedded(Market::Tokyo).sessions(days).collect::<Vec<_>>(),
                "{from}"
            );
        }
    }
}
