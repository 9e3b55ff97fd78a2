//! Which companies a run looks at. Pure.

use chrono::{DateTime, Utc};

/// The part of all keys whose turn it is in this week: the parts follow one another, so that each has its turn in as
/// many weeks as there are parts. The same in every run of a week.
#[must_use]
pub fn of_week(keys: &[String], size: usize, now: DateTime<Utc>) -> &[String] {
    const WEEK: i64 = 7 * 24 * 3600;
    let parts = keys.len().div_ceil(size.max(1)).max(1);
    let week = usize::try_from(now.timestamp().div_euclid(WEEK)).unwrap_or(0);
    keys.chunks(size.max(1)).nth(week % parts).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::TimeDelta;

    use super::*;

    fn keys(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("{}", 1000 + n)).collect()
    }

    #[test]
    fn in_as_many_weeks_as_there_are_parts_everybody_has_had_a_turn() {
        let start: DateTime<Utc> = "2026-11-22T07:00:00+09:00".parse().unwrap();
        for (count, size) in [(1, 20), (20, 20), (21, 20), (45, 20), (3, 1), (400, 7)] {
            let all = keys(count);
            let mut seen = BTreeSet::new();
            for week in 0..count.div_ceil(size) {
                let part = of_week(&all, size, start + TimeDelta::weeks(week as i64));
                assert!(!part.is_empty() && part.len() <= size);
                seen.extend(part.iter().cloned());
            }
            assert_eq!(seen.len(), count, "{count} by {size}");
        }
        assert!(of_week(&[], 20, start).is_empty());
    }

    #[test]
    fn a_run_repeated_within_the_week_looks_at_the_same() {
        let all = keys(100);
        let sunday: DateTime<Utc> = "2026-11-22T07:00:00+09:00".parse().unwrap();
        assert_eq!(of_week(&all, 20, sunday), of_week(&all, 20, sunday + TimeDelta::days(1)));
        assert_ne!(of_week(&all, 20, sunday), of_week(&all, 20, sunday + TimeDelta::days(7)));
    }
}
