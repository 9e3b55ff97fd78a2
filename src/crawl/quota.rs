//! The limit of a day: how often a source may be asked from one midnight UTC to the next. Pure.

use std::time::Duration;

use chrono::{DateTime, NaiveTime, Utc};

pub const DAY: Duration = Duration::from_hours(24);

/// Whether so many requests of a day are all there may be; a limit of 0 is none.
#[must_use]
pub const fn is_used_up(limit: u32, used: u32) -> bool {
    limit > 0 && used >= limit
}

/// The midnight after an instant, when the count begins anew.
#[must_use]
pub fn resets_at(now: DateTime<Utc>) -> DateTime<Utc> {
    now.date_naive().succ_opt().map_or(now, |day| day.and_time(NaiveTime::MIN).and_utc())
}

#[must_use]
pub fn reason(limit: u32) -> String {
    format!("the {limit} requests of the day are used up (daily_limit)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_utc_and_no_limit_is_never_used_up() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(resets_at(at("2026-11-20T23:59:59.999Z")), at("2026-11-21T00:00:00Z"));
        assert_eq!(resets_at(at("2026-12-31T00:00:00Z")), at("2027-01-01T00:00:00Z"));
        assert_eq!([is_used_up(0, u32::MAX), is_used_up(5, 4), is_used_up(5, 5)], [false, false, true]);
    }
}
