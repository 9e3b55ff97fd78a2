//! A zone's clock on the wall, taken as one that only goes forward: what it shows a second time counts as passed.

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

/// No clock was put back by more in the time that chrono-tz knows in detail.
const LONGEST_FOLD: i64 = 24 * 60 * 60;

/// The instant at which the clock first shows a time or passes it; none beyond the calendar's end.
pub fn first_reached(zone: Tz, time: NaiveDateTime) -> Option<DateTime<Utc>> {
    let shown = zone.from_local_datetime(&time).earliest();
    Some(shown.or_else(|| GapInfo::new(&time, &zone)?.end)?.to_utc())
}

/// The latest time, to the second, that the clock has shown up to an instant: during the second passing of a fold its
/// end, otherwise what it shows.
pub fn furthest_shown(zone: Tz, instant: DateTime<Utc>) -> NaiveDateTime {
    let now = instant.with_timezone(&zone).naive_local();
    let passed = |seconds: i64| {
        let first = zone.from_local_datetime(&(now + TimeDelta::seconds(seconds))).earliest();
        first.is_some_and(|first| first <= instant)
    };
    if !passed(1) {
        return now;
    }
    let (mut shown, mut ahead) = (1, LONGEST_FOLD);
    while ahead - shown > 1 {
        let middle = i64::midpoint(shown, ahead);
        if passed(middle) { shown = middle } else { ahead = middle }
    }
    now + TimeDelta::seconds(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_in_a_gap_is_reached_at_its_end() {
        for (zone, time, reached) in [
            (Tz::Europe__London, "2026-03-29T01:30:00", "2026-03-29T01:00:00Z"),
            (Tz::Australia__Lord_Howe, "2026-10-04T02:15:00", "2026-10-03T15:30:00Z"),
            (Tz::Antarctica__Troll, "2026-03-29T01:00:01", "2026-03-29T01:00:00Z"),
            (Tz::Pacific__Apia, "2011-12-30T12:00:00", "2011-12-30T10:00:00Z"),
            (Tz::Asia__Tokyo, "2026-03-29T01:30:00", "2026-03-28T16:30:00Z"),
        ] {
            assert_eq!(first_reached(zone, wall(time)), Some(reached.parse().unwrap()), "{zone}");
        }
    }

    #[test]
    fn the_second_passing_of_a_fold_shows_nothing_new() {
        for (instant, furthest) in [
            ("2026-10-25T00:59:59Z", "2026-10-25T01:59:59"),
            ("2026-10-25T01:00:00Z", "2026-10-25T01:59:59"),
            ("2026-10-25T01:59:58Z", "2026-10-25T01:59:59"),
            ("2026-10-25T02:00:00Z", "2026-10-25T02:00:00"),
        ] {
            assert_eq!(furthest_shown(Tz::Europe__London, instant.parse().unwrap()), wall(furthest), "{instant}");
        }
    }
}
