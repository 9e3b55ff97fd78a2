//! A cron expression in a zone, as a pure function from one instant to the next.
//!
//! Daylight saving time: a time in the spring gap is due at the first instant after the gap; a fixed time in the
//! autumn fold is due once, at its first passing.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};

/// When a job is due.
#[derive(Clone, Debug)]
pub struct Schedule {
    cron: Cron,
    zone: Tz,
    /// Fixed for each job, so that many jobs of one expression do not start in one instant.
    offset: TimeDelta,
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
    /// When the expression cannot be read.
    pub fn parse(expression: &str, zone: Tz) -> Result<Self, ScheduleError> {
        let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
        let cron = parser
            .parse(expression)
            .map_err(|e| ScheduleError { expression: expression.to_owned(), reason: e.to_string() })?;
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
        let local = (instant - self.offset).with_timezone(&self.zone);
        let next = self.cron.find_next_occurrence(&local, false).ok()?;
        Some(next.with_timezone(&Utc) + self.offset)
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
    fn nonsense_is_refused_with_its_reason() {
        let error = Schedule::parse("61 * * * *", Tz::UTC).unwrap_err();
        assert!(error.to_string().contains("61 * * * *"), "{error}");
    }
}
