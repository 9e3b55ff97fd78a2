//! The trading days of the Tokyo Stock Exchange.
//!
//! Weekdays that are neither national holidays nor in the turn of the year, and until 1989-01-28 most Saturdays.
//! Compared with real series: no difference from 1983 to 2027. 2020-10-01, when the exchange's system failed all
//! day, is a session without trades.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, Weekday};

/// See the head of the file for its source.
const HOLIDAYS: &str = include_str!("holidays_jp.txt");

/// Ascending, as the file is.
static HOLIDAY_DATES: LazyLock<Vec<NaiveDate>> = LazyLock::new(|| holidays().map(|(date, _)| date).collect());

/// From this year on the rules below agree with real series on every day, Saturdays included.
const EXACT_FROM: i32 = 1983;

pub(super) fn is_session(date: NaiveDate) -> bool {
    let open = match date.weekday() {
        Weekday::Sun => false,
        Weekday::Sat => is_trading_saturday(date),
        _ => true,
    };
    open && !is_turn_of_year(date) && !is_holiday(date)
}

pub(super) fn could_be_session(date: NaiveDate) -> bool {
    if date.year() >= EXACT_FROM {
        return is_session(date);
    }
    // How Saturdays and the days after Christmas were kept is not recorded in any series at hand.
    let new_year = date.month() == 1 && date.day() <= 3;
    date.weekday() != Weekday::Sun && !new_year && !is_holiday(date)
}

pub(super) fn known_until() -> Option<NaiveDate> {
    let year = HOLIDAY_DATES.last()?.year();
    NaiveDate::from_ymd_opt(year, 12, 31)
}

fn is_holiday(date: NaiveDate) -> bool {
    HOLIDAY_DATES.binary_search(&date).is_ok()
}

/// 31 December to 3 January; before the winter of 1989 already from 29 December.
fn is_turn_of_year(date: NaiveDate) -> bool {
    let last_day_of_trade = if date.year() < 1989 { 28 } else { 30 };
    match date.month() {
        1 => date.day() <= 3,
        12 => date.day() > last_day_of_trade,
        _ => false,
    }
}

/// Saturdays became free step by step: the third from January 1973, the second instead from August 1983, both from
/// August 1986, all from February 1989. On 1989-01-07 the exchange stayed closed because the emperor had died.
fn is_trading_saturday(date: NaiveDate) -> bool {
    let month = (date.year(), date.month());
    let week = date.day().div_ceil(7);
    let free = match month {
        (..=1972, _) => false,
        (..=1982, _) | (1983, ..=7) => week == 3,
        (..=1985, _) | (1986, ..=7) => week == 2,
        (..=1988, _) => week == 2 || week == 3,
        (1989, 1) => week != 4,
        _ => true,
    };
    !free
}

/// The lines of the table that read as a day and a name.
fn holidays() -> impl Iterator<Item = (NaiveDate, &'static str)> {
    HOLIDAYS.lines().filter_map(|line| {
        let (date, name) = line.split_once(' ')?;
        Some((date.parse().ok()?, name))
    })
}

#[cfg(test)]
mod tests {

    use std::collections::BTreeSet;

    use chrono::Days;

    use super::*;
    use crate::stock::calendar::real_data;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Where the calendar and the real sessions disagree, from the first real session to the last.
    fn differences(real: &BTreeSet<NaiveDate>) -> Vec<String> {
        let (first, last) = (*real.first().unwrap(), *real.last().unwrap());
        first
            .iter_days()
            .take_while(|date| *date <= last)
            .filter(|date| is_session(*date) != real.contains(date))
            .map(|date| date.to_string())
            .collect()
    }

    #[test]
    fn every_line_of_the_table_reads_and_the_days_ascend() {
        let lines = HOLIDAYS.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(holidays().count(), lines);
        assert!(HOLIDAY_DATES.is_sorted_by(|a, b| a < b));
        assert_eq!(HOLIDAY_DATES.first(), Some(&day("1949-01-01")));
        assert_eq!(known_until(), Some(day("2030-12-31")));
    }

    #[test]
    fn every_holiday_on_a_sunday_since_1973_is_followed_by_a_free_day() {
        let sundays = holidays().filter(|(date, _)| date.weekday() == Weekday::Sun && *date >= day("1973-04-12"));
        for (date, name) in sundays {
            assert!(is_holiday(date + Days::new(1)), "{date} {name}");
        }
    }

    #[test]
    fn the_moved_and_the_single_holidays_are_no_sessions() {
        for closed in [
            "1959-04-10",
            "1973-04-30",
            "1989-02-24",
            "1990-11-12",
            "1993-06-09",
            "2009-09-22",
            "2019-04-30",
            "2019-05-01",
            "2019-05-02",
            "2019-10-22",
            "2020-07-24",
            "2021-08-09",
            "2026-09-22",
            "2027-03-22",
        ] {
            assert!(!is_session(day(closed)), "{closed}");
        }
        for open in ["2019-12-23", "2020-10-12", "2020-10-01", "2021-07-19", "2021-10-11", "2025-12-30"] {
            assert!(is_session(day(open)), "{open}");
        }
    }

    #[test]
    fn saturdays_end_with_january_1989() {
        assert!(is_session(day("1989-01-28")));
        for closed in ["1989-01-07", "1989-02-04", "1988-12-17", "1988-12-31", "1983-07-16", "1983-08-13"] {
            assert!(!could_be_session(day(closed)), "{closed}");
        }
        assert!(could_be_session(day("1979-06-16")) && !is_session(day("1979-06-16")));
    }

    #[test]
    fn there_is_no_difference_from_the_two_recorded_calendars() {
        if let Some(text) = real_data::read("calendar/xtks.csv") {
            let real = text.lines().skip(1).map(|line| day(&line[..10])).collect();
            // The system failure: a session without trades, which that calendar leaves out.
            assert_eq!(differences(&real), ["2020-10-01"]);
        }
        if let Some(text) = real_data::read("calendar/xtks_sessions.1997-2027.txt") {
            let real = text.split_whitespace().map(day).collect();
            // 1998-05-06 is missing there; the prices of that day are in every series of the time.
            assert_eq!(differences(&real), ["1998-05-06", "2020-10-01"]);
        }
    }

    /// The clause itself, with its counts: the one day in question is a session that nobody could trade on.
    #[test]
    fn from_2000_to_2026_every_day_is_what_the_recorded_calendar_says() {
        let Some(text) = real_data::read("calendar/xtks.csv") else { return };
        let real: BTreeSet<NaiveDate> = text.lines().skip(1).map(|line| day(&line[..10])).collect();
        let (first, last) = (day("2000-01-01"), day("2026-12-31"));
        let ours: BTreeSet<NaiveDate> =
            first.iter_days().take_while(|date| *date <= last).filter(|date| is_session(*date)).collect();
        assert_eq!((real.len(), ours.len()), (6613, 6614));
        assert_eq!(ours.symmetric_difference(&real).copied().collect::<Vec<_>>(), [day("2020-10-01")]);
    }

    #[test]
    fn the_recorded_series_from_1983_on_trade_on_our_sessions() {
        let mut all = BTreeSet::new();
        for code in real_data::JP_CODES {
            let dates: BTreeSet<_> = real_data::jp_rows(code).iter().map(|row| row.date).collect();
            let phantom: Vec<_> = dates.iter().filter(|date| !is_session(**date)).collect();
            assert!(phantom.is_empty(), "{code} trades on {phantom:?}");
            all.extend(dates);
        }
        if !all.is_empty() {
            // Five days that the collector of these files missed in all of them.
            let missed = ["2016-10-14", "2016-10-18", "2017-11-14", "2018-10-29", "2018-10-31"];
            assert_eq!(differences(&all), missed);
        }
    }
}
