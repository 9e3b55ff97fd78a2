//! The trading days of the New York Stock Exchange: weekdays less its holidays (rule 7.2 of the exchange) and the days
//! it closed for. Compared with real series: no difference from 1999 to 2018.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Closed beside the holidays, since 1990: days of mourning for presidents, September 2001, the hurricane of 2012.
const CLOSED: [(i32, u32, u32); 11] = [
    (1994, 4, 27),
    (2001, 9, 11),
    (2001, 9, 12),
    (2001, 9, 13),
    (2001, 9, 14),
    (2004, 6, 11),
    (2007, 1, 2),
    (2012, 10, 29),
    (2012, 10, 30),
    (2018, 12, 5),
    (2025, 1, 9),
];

/// From this year on the rules below hold; older holidays and closures are not listed.
const EXACT_FROM: i32 = 1990;

/// Saturdays were traded until September 1952.
const LAST_SATURDAYS: i32 = 1952;

pub(super) fn is_session(date: NaiveDate) -> bool {
    let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    !weekend && !is_holiday(date) && !CLOSED.contains(&(date.year(), date.month(), date.day()))
}

pub(super) fn could_be_session(date: NaiveDate) -> bool {
    if date.year() >= EXACT_FROM {
        return is_session(date);
    }
    match date.weekday() {
        Weekday::Sun => false,
        Weekday::Sat => date.year() <= LAST_SATURDAYS,
        _ => true,
    }
}

fn is_holiday(date: NaiveDate) -> bool {
    let (year, month, day, weekday) = (date.year(), date.month(), date.day(), date.weekday());
    let third_monday = weekday == Weekday::Mon && (15..=21).contains(&day);
    match month {
        // New Year's Day is not moved back to a Friday: that would be the old year's last session.
        1 => day == 1 || (day == 2 && weekday == Weekday::Mon) || (third_monday && year >= 1998),
        2 => third_monday,
        3 | 4 => is_good_friday(date),
        5 => weekday == Weekday::Mon && day >= 25,
        6 => year >= 2022 && is_observed(date, 19),
        7 => is_observed(date, 4),
        9 => weekday == Weekday::Mon && day <= 7,
        11 => weekday == Weekday::Thu && (22..=28).contains(&day),
        12 => is_observed(date, 25),
        _ => false,
    }
}

/// A holiday on a Sunday is kept on the Monday after, one on a Saturday on the Friday before.
fn is_observed(date: NaiveDate, holiday: u32) -> bool {
    let day = date.day();
    day == holiday
        || (date.weekday() == Weekday::Mon && day == holiday + 1)
        || (date.weekday() == Weekday::Fri && day + 1 == holiday)
}

fn is_good_friday(date: NaiveDate) -> bool {
    date.checked_add_days(Days::new(2)).is_some_and(|sunday| easter(date.year()) == (sunday.month(), sunday.day()))
}

/// Month and day of Easter Sunday: the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8).
fn easter(year: i32) -> (u32, u32) {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15).rem_euclid(30);
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4).rem_euclid(7);
    let shift = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * shift + 114;
    ((days / 31).unsigned_abs(), (days % 31 + 1).unsigned_abs())
}

#[cfg(test)]
mod tests {

    use std::collections::BTreeSet;

    use super::*;
    use crate::stock::calendar::real_data;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_holidays_of_2022_to_2026_are_no_sessions() {
        for closed in [
            "2022-01-17",
            "2022-04-15",
            "2022-06-20",
            "2022-12-26",
            "2023-01-02",
            "2024-03-29",
            "2024-05-27",
            "2025-01-09",
            "2025-04-18",
            "2025-11-27",
            "2026-04-03",
            "2026-06-19",
            "2026-07-03",
            "2026-09-07",
            "2027-12-24",
        ] {
            assert!(!is_session(day(closed)), "{closed}");
        }
        for open in ["2021-06-18", "2021-12-31", "2022-10-10", "2024-11-11", "2026-11-27", "2026-12-24"] {
            assert!(is_session(day(open)), "{open}");
        }
    }

    #[test]
    fn easter_falls_where_the_church_keeps_it() {
        for (year, date) in [(1990, (4, 15)), (2008, (3, 23)), (2011, (4, 24)), (2025, (4, 20)), (2038, (4, 25))] {
            assert_eq!(easter(year), date);
        }
    }

    #[test]
    fn there_is_no_difference_from_the_recorded_series() {
        let mut series = Vec::new();
        if let Some(text) = real_data::read("us_pkg/stocks.bokeh.csv") {
            let ibm = text.lines().filter_map(|line| line.strip_prefix("IBM,"));
            series.push(ibm.map(|line| day(&line[..10])).collect::<BTreeSet<_>>());
        }
        if let Some(text) = real_data::read("us_pkg/sp500.arch.csv") {
            let dates = text.lines().skip(1).map(|line| line.split(',').next().unwrap());
            series.push(dates.map(|date| NaiveDate::parse_from_str(date, "%m/%d/%Y").unwrap()).collect());
        }
        for real in series {
            let (first, last) = (*real.first().unwrap(), *real.last().unwrap());
            let days = first.iter_days().take_while(|date| *date <= last);
            let wrong: Vec<_> = days.filter(|date| is_session(*date) != real.contains(date)).collect();
            assert!(real.len() > 3000 && wrong.is_empty(), "{wrong:?}");
        }
    }
}
