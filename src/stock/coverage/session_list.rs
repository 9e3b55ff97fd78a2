//! The sessions of a market written out once, for questions about many companies.

use chrono::{Datelike as _, NaiveDate};

use crate::stock::{
    bar::Days,
    calendar::{Market, sessions},
};

/// From this year on every market's calendar is exact, and `checks` let no row of another day in.
const EXACT_FROM: i32 = 1990;

/// The sessions of a range of days, ascending.
#[derive(Clone, Debug)]
pub struct SessionList(Vec<NaiveDate>);

impl SessionList {
    #[must_use]
    pub fn new(market: Market, days: Days) -> Self {
        Self(sessions(market, days).collect())
    }

    /// Those within `days`.
    #[must_use]
    pub fn within(&self, days: Days) -> &[NaiveDate] {
        let from = self.0.partition_point(|day| *day < days.from);
        let to = self.0.partition_point(|day| *day <= days.to);
        self.0.get(from..to).unwrap_or_default()
    }

    /// Whether so many rows, from `first` to `newest`, are one for each session of `expected`: then nobody need look at
    /// their dates. Where the calendar is not exact, rows on days that are no session here may make up for missing ones.
    #[must_use]
    pub fn is_complete(&self, expected: Days, rows: usize, (first, newest): (NaiveDate, NaiveDate)) -> bool {
        expected.from.year() >= EXACT_FROM
            && expected.contains(first)
            && expected.contains(newest)
            && self.within(expected).len() == rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_rows_as_sessions_within_their_days_are_all_of_them() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let week = Days { from: day("2026-07-21"), to: day("2026-07-24") };
        let list = SessionList::new(Market::Tokyo, Days { from: day("1980-01-01"), to: day("2026-12-31") });
        assert!(list.is_complete(week, 4, (week.from, week.to)));
        assert!(!list.is_complete(week, 3, (week.from, week.to)));
        assert!(!list.is_complete(week, 4, (day("2026-07-17"), week.to)), "one of them lies before");
        let old = Days { from: day("1985-01-07"), to: day("1985-01-07") };
        assert!(!list.is_complete(old, 1, (old.from, old.to)), "the calendar of then is not exact for every market");
    }

    #[test]
    fn a_part_of_the_list_is_what_the_calendar_says_of_it() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let list = SessionList::new(Market::Tokyo, Days { from: day("2018-01-01"), to: day("2020-12-31") });
        for (from, to) in [("2019-04-26", "2019-05-07"), ("2017-01-01", "2018-01-05"), ("2019-01-01", "2018-01-01")] {
            let days = Days { from: day(from).max(day("2018-01-01")), to: day(to) };
            assert_eq!(list.within(days), sessions(Market::Tokyo, days).collect::<Vec<_>>(), "{from}");
        }
    }
}
