//! The history of one issue: `/equities/bars/daily?code=72030&from=…&to=…`.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{Days as Plus, NaiveDate};
use tokio_util::sync::CancellationToken;

use super::api::{Api, Whole};
use super::coverage::Coverage;
use super::page::Unreadable;
use super::record::BarRecord;
use crate::crawl::Subject;
use crate::crawl::answer::Refusal;
use crate::crawl::request::Request;
use crate::stock::bar::Days;
use crate::stock::sources::body::{blocked, schema_changed};

/// Ranges asked of one history: halving from a hundred years to a few months stays far below.
const MAX_RANGES: usize = 256;

pub(super) struct ByCode {
    /// The longest range, in days, that was not refused as too large; all ranges are cut to it.
    longest: AtomicI64,
}

impl ByCode {
    pub(super) const fn new() -> Self {
        Self { longest: AtomicI64::new(i64::MAX) }
    }

    /// All records of these days that the plan gives, in the order of the days.
    pub(super) async fn read(
        &self,
        api: &Api,
        coverage: &Coverage,
        code: &str,
        days: Days,
        subject: &Subject,
        cancel: &CancellationToken,
    ) -> Result<(Vec<BarRecord>, Vec<Unreadable>), Refusal> {
        let (mut records, mut unreadable) = (Vec::new(), Vec::new());
        // The earliest on top.
        let mut ranges = vec![days];
        for _ in 0..MAX_RANGES {
            let Some(range) = ranges.pop() else { return Ok((records, unreadable)) };
            // What J-Quants told of the plan may have made it shorter.
            let Ok(range) = coverage.clip(range) else { continue };
            if length(range) > self.longest.load(Ordering::Relaxed) {
                ranges.extend(halves(range)?);
                continue;
            }
            match api.all(&request(code, range).about(subject), cancel).await? {
                Whole::Records(found) => {
                    records.extend(found.records);
                    unreadable.extend(found.unreadable);
                }
                Whole::TooLarge => {
                    self.longest.fetch_min((length(range) / 2).max(1), Ordering::Relaxed);
                    ranges.extend(halves(range)?);
                }
                Whole::Covers(window) => {
                    coverage.learn(window);
                    if coverage.clip(range) == Ok(range) {
                        let told = format!("{} to {}", window.from, window.to);
                        return Err(schema_changed(format!("the plan covers {told}, and days of it are refused")));
                    }
                    ranges.push(range);
                }
                Whole::NotInPlan(reason) => return Err(blocked(reason)),
            }
        }
        Err(schema_changed(format!("more than {MAX_RANGES} ranges of one history are too large")))
    }
}

fn request(code: &str, days: Days) -> Request {
    Request::get("equities/bars/daily").query("code", code).query("from", days.from).query("to", days.to)
}

fn length(days: Days) -> i64 {
    (days.to - days.from).num_days() + 1
}

/// The later half, then the earlier one.
fn halves(days: Days) -> Result<[Days; 2], Refusal> {
    let half = u64::try_from(length(days) / 2).unwrap_or_default();
    let middle = if half == 0 { None } else { days.from.checked_add_days(Plus::new(half)) };
    let split = |middle: NaiveDate| Some((middle, middle.pred_opt()?));
    let Some((middle, before)) = middle.and_then(split) else {
        return Err(schema_changed(format!("the answer for the one day {} is too large", days.from)));
    };
    Ok([Days { from: middle, to: days.to }, Days { from: days.from, to: before }])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: &str) -> Days {
        Days { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn a_range_is_halved_without_a_gap_down_to_a_day() {
        let [later, earlier] = halves(days("2024-01-01", "2024-01-05")).unwrap();
        assert_eq!((earlier, later), (days("2024-01-01", "2024-01-02"), days("2024-01-03", "2024-01-05")));
        let [later, earlier] = halves(days("2024-01-01", "2024-01-02")).unwrap();
        assert_eq!((earlier, later), (days("2024-01-01", "2024-01-01"), days("2024-01-02", "2024-01-02")));
        assert!(halves(days("2024-01-01", "2024-01-01")).is_err());
    }
}
