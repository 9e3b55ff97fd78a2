//! The days on which the ECB publishes reference rates: those on which TARGET, the euro's payment system, is open.
//!
//! Weekdays less 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December; in TARGET's first year, 1999, less
//! 1 January and 25 December only. Compared with the ECB's own file: no difference from 1999 to October 2026.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;

/// Where a day of rates is a date.
pub const ZONE: Tz = Tz::Europe__Berlin;

/// The first day with rates.
pub const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1999, 1, 4) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// "The reference rates are usually updated at around 16:00 CET every working day" (the ECB), which means its own clock.
const PUBLISHED_AT: u32 = 16;

/// Closed beside the holidays: the last days before the year 2000 and before the first notes and coins.
const CLOSED: [(i32, u32, u32); 2] = [(1999, 12, 31), (2001, 12, 31)];

/// Whether there are rates of the day.
#[must_use]
pub fn is_target_day(day: NaiveDate) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    !weekend && !is_holiday(day) && !CLOSED.contains(&(day.year(), day.month(), day.day()))
}

/// The newest day whose rates should be published by now.
#[must_use]
pub fn newest_published(now: DateTime<Utc>) -> NaiveDate {
    let there = now.with_timezone(&ZONE);
    let today = there.date_naive();
    if is_target_day(today) && there.hour() >= PUBLISHED_AT { today } else { previous_target_day(today) }
}

/// The last TARGET day before a day.
#[must_use]
pub fn previous_target_day(day: NaiveDate) -> NaiveDate {
    step(day, -1)
}

/// The first TARGET day after a day.
#[must_use]
pub fn next_target_day(day: NaiveDate) -> NaiveDate {
    step(day, 1)
}

fn step(day: NaiveDate, by: i64) -> NaiveDate {
    let mut days = std::iter::successors(Some(day), |day| day.checked_add_signed(TimeDelta::days(by))).skip(1);
    days.find(|day| is_target_day(*day)).unwrap_or(day)
}

fn is_holiday(day: NaiveDate) -> bool {
    match (day.month(), day.day()) {
        (1, 1) | (12, 25) => true,
        _ if day.year() < 2000 => false,
        (5, 1) | (12, 26) => true,
        _ => easter(day.year()).is_some_and(|sunday| matches!((day - sunday).num_days(), -2 | 1)),
    }
}

/// Easter Sunday: the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8).
fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15).rem_euclid(30);
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4).rem_euclid(7);
    let days = epact + weekday - 7 * ((golden + 11 * epact + 22 * weekday) / 451) + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(days / 31).ok()?, u32::try_from(days % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_holidays_of_2026_and_2027_have_no_rates() {
        for holiday in
            ["2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25", "2027-03-26", "2027-03-29"]
        {
            assert!(!is_target_day(day(holiday)), "{holiday}");
        }
        for open in ["2026-04-02", "2026-04-07", "2026-05-14", "2026-05-25", "2026-11-02", "2026-12-24", "2026-12-31"] {
            assert!(is_target_day(day(open)), "{open}");
        }
    }

    #[test]
    fn the_first_year_had_fewer_holidays_and_the_two_great_changes_a_day_each() {
        for open in ["1999-04-02", "1999-04-05", "2000-12-29", "2002-12-31"] {
            assert!(is_target_day(day(open)), "{open}");
        }
        for closed in ["1999-12-31", "2000-04-21", "2000-04-24", "2000-05-01", "2000-12-26", "2001-12-31"] {
            assert!(!is_target_day(day(closed)), "{closed}");
        }
    }

    #[test]
    fn a_day_counts_from_four_in_the_afternoon_in_frankfurt_summer_and_winter() {
        for (now, newest) in [
            ("2026-11-20T14:59:59Z", "2026-11-19"),
            ("2026-11-20T15:00:00Z", "2026-11-20"),
            ("2026-07-15T13:59:59Z", "2026-07-14"),
            ("2026-07-15T14:00:00Z", "2026-07-15"),
            ("2026-11-22T20:00:00Z", "2026-11-20"),
            ("2026-12-27T12:00:00Z", "2026-12-24"),
        ] {
            assert_eq!(newest_published(now.parse().unwrap()), day(newest), "{now}");
        }
    }

    #[test]
    fn easter_is_stepped_over() {
        assert_eq!(next_target_day(day("2026-04-02")), day("2026-04-07"));
        assert_eq!(previous_target_day(day("2026-04-07")), day("2026-04-02"));
    }
}
