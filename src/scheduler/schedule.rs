//! A cron expression in a zone, as a pure function from one instant to the next.
//!
//! An hour written with a star (`*`, `*/2`) means an interval: its ticks are all instants at which the zone's clock
//! shows a matching time. Any other hour means fixed times: each is due once, when the clock first shows or passes it,
//! so a time in the spring gap is due at the first instant after the gap, and one in the autumn fold at its first
//! passing. docs/schedules.md says the same to users.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::Cron;

use super::wall;
use crate::jobs::settings::parse_expression;

/// When a job is due.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub(super) cron: Cron,
    pub(super) zone: Tz,
    /// Fixed for each job, so that many jobs of one expression do not start in one instant.
    pub(super) offset: TimeDelta,
}

#[derive(Debug, thiserror::Error)]
#[error("the schedule {expression:?} cannot be read: {reason}")]
pub struct ScheduleError {
    expression: String,
    reason: String,
}

impl Schedule {
    /// Five fields, six with seconds first, or a nickname such as `@daily`; day of month and day of week are
    /// joined by OR when both are given, as POSIX says.
    ///
    /// # Errors
    /// When the expression cannot be read, or no day ever matches it.
    pub fn parse(expression: &str, zone: Tz) -> Result<Self, ScheduleError> {
        let cron = parse_expression(expression)
            .map_err(|reason| ScheduleError { expression: expression.to_owned(), reason })?;
        Ok(Self { cron, zone, offset: TimeDelta::zero() })
    }

    /// Moves every tick by an offset between zero and `jitter`, always the same for one name.
    #[must_use]
    pub fn with_jitter(mut self, name: &str, jitter: Duration) -> Self {
        let millis = u64::try_from(jitter.as_millis()).unwrap_or(u64::MAX);
        // FNV-1a, 64 bits: fixed by its definition, unlike the standard library's hasher.
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let offset = if millis == 0 { 0 } else { hash % millis };
        self.offset = TimeDelta::milliseconds(i64::try_from(offset).unwrap_or(0));
        self
    }

    /// The same schedule with every tick moved by an offset.
    #[must_use]
    pub fn with_offset(mut self, offset: TimeDelta) -> Self {
        self.offset = offset;
        self
    }

    #[must_use]
    pub fn offset(&self) -> TimeDelta {
        self.offset
    }

    /// The first tick after an instant; none when there is no further one.
    #[must_use]
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // Ticks without their offset lie on whole seconds.
        let instant = (instant - self.offset).trunc_subsecs(0);
        let next = if self.is_interval() { self.next_shown(instant) } else { self.next_reached(instant) };
        Some(next? + self.offset)
    }

    fn is_interval(&self) -> bool {
        self.cron.pattern.hours.from_wildcard
    }

    /// The next instant at which the clock shows a matching time.
    fn next_shown(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.cron.find_next_occurrence(&instant.with_timezone(&self.zone), false).ok()?;
        Some(next.to_utc())
    }

    /// When the clock first shows or passes the next matching time. Of croner only the calendar is asked: over zones
    /// it takes lists of hours for intervals, loses what falls into a gap of more than two hours, and what falls into
    /// one that ends on a day that does not match.
    fn next_reached(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let time = self.cron.find_next_occurrence(&wall::furthest_shown(self.zone, instant), false).ok()?;
        wall::first_reached(self.zone, time)
    }

    /// The ticks after an instant, at most `count`.
    #[must_use]
    pub fn upcoming(&self, after: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        std::iter::successors(self.next_after(after), |tick| self.next_after(*tick)).take(count).collect()
    }

    /// The ticks in `(after, until]`, oldest first; of more than `most`, the newest.
    #[must_use]
    pub fn between(&self, after: DateTime<Utc>, until: DateTime<Utc>, most: usize) -> Vec<DateTime<Utc>> {
        let mut ticks = std::collections::VecDeque::new();
        let mut tick = self.next_after(after);
        while let Some(due) = tick.filter(|due| *due <= until) {
            if ticks.len() == most {
                ticks.pop_front();
            }
            ticks.push_back(due);
            tick = self.next_after(due);
        }
        ticks.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(expression: &str, zone: Tz, after: &str, count: usize) -> Vec<String> {
        let after = after.parse::<DateTime<Utc>>().unwrap();
        let schedule = Schedule::parse(expression, zone).unwrap();
        schedule.upcoming(after, count).iter().map(|t| t.format("%FT%TZ").to_string()).collect()
    }

    #[test]
    fn weekdays_at_six_in_tokyo_skip_the_weekend() {
        // 2026-11-20 is a Friday.
        assert_eq!(
            ticks("0 18 * * Mon-Fri", Tz::Asia__Tokyo, "2026-11-20T08:59:59Z", 2),
            ["2026-11-20T09:00:00Z", "2026-11-23T09:00:00Z"]
        );
    }

    #[test]
    fn a_time_in_the_spring_gap_is_due_at_the_first_instant_after_it() {
        // New York: 2026-03-08 02:00 EST becomes 03:00 EDT, which is 07:00 UTC.
        assert_eq!(
            ticks("30 2 * * *", Tz::America__New_York, "2026-03-08T00:00:00Z", 2),
            ["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"]
        );
    }

    #[test]
    fn a_fixed_time_in_the_autumn_fold_is_due_once() {
        // New York: 2026-11-01 01:30 passes twice, first at 05:30 UTC.
        assert_eq!(
            ticks("30 1 * * *", Tz::America__New_York, "2026-11-01T00:00:00Z", 2),
            ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]
        );
    }

    #[test]
    fn seconds_come_first_in_six_fields() {
        assert_eq!(
            ticks("*/20 * * * * *", Tz::UTC, "2026-01-01T00:00:00Z", 3),
            ["2026-01-01T00:00:20Z", "2026-01-01T00:00:40Z", "2026-01-01T00:01:00Z"]
        );
    }

    #[test]
    fn jitter_moves_every_tick_by_one_fixed_offset() {
        let plain = Schedule::parse("@hourly", Tz::UTC).unwrap();
        let moved = plain.clone().with_jitter("stock", Duration::from_secs(600));
        let after = "2026-01-01T00:20:00Z".parse::<DateTime<Utc>>().unwrap();
        let gaps: Vec<_> = plain.upcoming(after, 5).iter().zip(moved.upcoming(after, 5)).map(|(a, b)| b - *a).collect();
        assert!(gaps[0] > TimeDelta::zero() && gaps[0] < TimeDelta::seconds(600));
        assert!(gaps.iter().all(|gap| *gap == gaps[0]));
    }

    #[test]
    fn between_keeps_the_newest_and_excludes_its_start() {
        let schedule = Schedule::parse("@hourly", Tz::UTC).unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let all = schedule.between(at("2026-01-01T00:00:00Z"), at("2026-01-01T05:00:00Z"), 100);
        assert_eq!(all.len(), 5);
        assert_eq!(schedule.between(at("2026-01-01T00:00:00Z"), at("2026-01-01T05:00:00Z"), 2), all[3..]);
    }

    #[test]
    fn hours_in_a_list_are_fixed_times_in_gap_and_fold() {
        // Croner takes them for an interval: 02:30 would be lost in spring, and 01:30 due twice in autumn.
        assert_eq!(
            ticks("30 1,2 * * *", Tz::America__New_York, "2026-03-08T00:00:00Z", 3),
            ["2026-03-08T06:30:00Z", "2026-03-08T07:00:00Z", "2026-03-09T05:30:00Z"]
        );
        assert_eq!(
            ticks("30 1-2 * * *", Tz::America__New_York, "2026-11-01T00:00:00Z", 3),
            ["2026-11-01T05:30:00Z", "2026-11-01T07:30:00Z", "2026-11-02T06:30:00Z"]
        );
    }

    #[test]
    fn several_times_in_one_gap_are_due_once_together_with_its_end() {
        assert_eq!(
            ticks("*/10 2,3 * * *", Tz::America__New_York, "2026-03-08T00:00:00Z", 3),
            ["2026-03-08T07:00:00Z", "2026-03-08T07:10:00Z", "2026-03-08T07:20:00Z"]
        );
    }

    #[test]
    fn a_fixed_time_in_the_fold_is_not_due_again_when_asked_from_the_second_passing() {
        assert_eq!(ticks("*/30 1 * * *", Tz::America__New_York, "2026-11-01T06:10:00.5Z", 1), ["2026-11-02T06:00:00Z"]);
    }

    #[test]
    fn an_interval_passes_over_the_gap_and_keeps_its_pace_in_the_fold() {
        assert_eq!(
            ticks("30 * * * *", Tz::America__New_York, "2026-03-08T06:00:00Z", 2),
            ["2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z"]
        );
        assert_eq!(
            ticks("*/20 * * * *", Tz::America__New_York, "2026-11-01T05:20:00Z", 6),
            ["05:40", "06:00", "06:20", "06:40", "07:00", "07:20"].map(|time| format!("2026-11-01T{time}:00Z"))
        );
    }

    #[test]
    fn the_hour_alone_tells_an_interval_from_fixed_times() {
        assert_eq!(
            ticks("*/15 2 * * Sun", Tz::America__New_York, "2026-03-08T00:00:00Z", 2),
            ["2026-03-08T07:00:00Z", "2026-03-15T06:00:00Z"]
        );
        assert_eq!(
            ticks("0 */2 * * *", Tz::Europe__Paris, "2026-10-24T23:00:00Z", 3),
            // 02:00 passes twice.
            ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T03:00:00Z"]
        );
    }

    #[test]
    fn a_day_that_a_zone_skipped_is_due_at_the_next_midnight() {
        // Samoa had no 2011-12-30; croner alone finds no tick any more from there.
        assert_eq!(
            ticks("0 9 * * Fri", Tz::Pacific__Apia, "2011-12-29T00:00:00Z", 2),
            ["2011-12-30T10:00:00Z", "2012-01-05T19:00:00Z"]
        );
    }

    #[test]
    fn a_time_in_a_gap_that_ends_on_another_day_is_due_at_its_end() {
        // Nuuk, Saturday 2026-03-28: 22:59:59 is followed by Sunday's midnight; croner alone skips the week.
        assert_eq!(
            ticks("30 23 * * Sat", Tz::America__Nuuk, "2026-03-28T00:00:00Z", 2),
            ["2026-03-29T01:00:00Z", "2026-04-05T00:30:00Z"]
        );
    }

    #[test]
    fn nonsense_is_refused_with_its_reason() {
        let error = Schedule::parse("61 * * * *", Tz::UTC).unwrap_err();
        assert!(error.to_string().contains("61 * * * *"), "{error}");
        // An expression without a minute would be searched for until the year 5000.
        assert!(Schedule::parse(", * * * *", Tz::UTC).is_err());
    }
}
