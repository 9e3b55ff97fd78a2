//! The longest time between two successive ticks of a schedule: over a weekend, a month, a year.
//!
//! It is found by looking, not by thinking: ticks one after the other, and for schedules with very many of them
//! instants an hour apart over a week and a day apart over a year. Overlooked can be only what comes after 1500 ticks
//! and is shorter than an hour, or after a week and shorter than a day: then what is found is too short by less than
//! that.

use chrono::{DateTime, TimeDelta, Utc};

use super::schedule::Schedule;

/// Ticks looked at one after the other.
const TICKS: usize = 1500;
/// What repeats at all does so within a year; with a few ticks at least.
const YEAR: TimeDelta = TimeDelta::days(400);
const FEW: usize = 4;
/// How often is looked in, and for how long.
const SAMPLES: [(TimeDelta, TimeDelta); 2] = [(TimeDelta::hours(1), TimeDelta::days(8)), (TimeDelta::days(1), YEAR)];

impl Schedule {
    /// The longest time between two successive ticks after an instant, as far as the next year shows it; none when
    /// there are no two.
    #[must_use]
    pub fn longest_gap(&self, from: DateTime<Utc>) -> Option<TimeDelta> {
        let first = self.next_after(from)?;
        let (mut longest, mut last, mut count) = (TimeDelta::zero(), first, 1);
        while count < TICKS && (count < FEW || last - first < YEAR) {
            let Some(next) = self.next_after(last) else { break };
            longest = longest.max(next - last);
            (last, count) = (next, count + 1);
        }
        if count == TICKS && last - first < YEAR {
            for (step, span) in SAMPLES {
                longest = self.looked_in(first, step, span, longest);
            }
        }
        (count > 1).then_some(longest)
    }

    /// Where the next tick is further than the longest gap, it is a longer one, which begins at the tick before.
    fn looked_in(&self, first: DateTime<Utc>, step: TimeDelta, span: TimeDelta, mut longest: TimeDelta) -> TimeDelta {
        let mut at = first;
        while at - first < span {
            let Some(next) = self.next_after(at) else { break };
            if next - at > longest {
                let before = self.between(at - step, at, 1);
                longest = next - before.first().copied().unwrap_or(at);
            }
            // What lies within the gap has been seen.
            at = (at + step).max(next - step);
        }
        longest
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    fn longest(expression: &str, zone: Tz) -> TimeDelta {
        let from = "2026-11-18T00:00:00Z".parse().unwrap();
        Schedule::parse(expression, zone).unwrap().longest_gap(from).unwrap()
    }

    #[test]
    fn the_longest_gap_is_found_over_weekends_months_and_years() {
        for (expression, hours) in [
            ("0 18 * * *", 24),
            ("0 18 * * Mon-Fri", 72),
            ("0 6 * * Sat", 7 * 24),
            ("@monthly", 31 * 24),
            ("@yearly", 366 * 24),
            ("0 0 29 2 *", 4 * 366 * 24 - 72),
            ("0 9,18 * * *", 15),
            // Fewer ticks than are looked at in a row, and more.
            ("*/5 9-16 * * Mon-Fri", 64),
            ("* 9-16 * * Mon-Fri", 64),
            ("* * 1 * *", 30 * 24),
            // Before the January after a leap year.
            ("* * * 1 *", 335 * 24),
        ] {
            let found = longest(expression, Tz::UTC);
            let hours = TimeDelta::hours(hours);
            assert!((hours..hours + TimeDelta::hours(1)).contains(&found), "{expression}: {found}");
        }
        assert_eq!(longest("* * * * *", Tz::UTC), TimeDelta::minutes(1));
        assert_eq!(longest("*/20 * * * * *", Tz::UTC), TimeDelta::seconds(20));
    }

    #[test]
    fn a_day_of_25_hours_counts() {
        assert_eq!(longest("0 18 * * *", Tz::Europe__Berlin), TimeDelta::hours(25));
    }
}
