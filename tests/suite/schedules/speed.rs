//! The next tick is found at once, however far away it is.

use std::time::{Duration, Instant};

use chrono_tz::Tz;
use data_infrastructure::scheduler::Schedule;

/// The mean time of one look for the next tick, over a hundred ticks from an instant.
fn mean(expression: &str, zone: Tz, after: &str) -> Duration {
    let schedule = Schedule::parse(expression, zone).unwrap();
    let started = Instant::now();
    let ticks = schedule.upcoming(after.parse().unwrap(), 100);
    assert_eq!(ticks.len(), 100, "{expression}");
    started.elapsed() / 100
}

#[test]
fn the_next_tick_is_found_within_a_millisecond() {
    for expression in [
        "0 18 * * Mon-Fri",
        "* * * * *",
        "* * * * * *",
        "*/20 * * * * *",
        "@yearly",
        "0 9 L * *",
        "0 9 * * 1#2",
        "0 9 15W * *",
        "0 0 13 * +5",
        "0-59 0-59 1,2 * * *",
    ] {
        // The best of three, as the machine may be busy; each window holds a change of the clock.
        for after in ["2026-03-08T06:59:00Z", "2026-11-01T05:59:00Z"] {
            let best = (0..3).map(|_| mean(expression, Tz::America__New_York, after)).min().unwrap();
            assert!(best < Duration::from_millis(1), "{expression}: {best:?}");
        }
    }
}

#[test]
fn a_day_that_comes_once_in_years_is_found_and_an_impossible_one_refused_in_time() {
    let best = (0..3).map(|_| mean("0 0 29 2 +Mon", Tz::Europe__London, "2026-03-01T00:00:00Z")).min().unwrap();
    assert!(best < Duration::from_millis(5), "{best:?}");
    for impossible in ["30 2 31 2 *", "* * * 30 2 *", "0 0 8 * +1#1", "* * 31 2,4,6,9,11 *"] {
        let started = Instant::now();
        assert!(Schedule::parse(impossible, Tz::UTC).is_err());
        assert!(started.elapsed() < Duration::from_secs(2), "{impossible}: {:?}", started.elapsed());
    }
}
