//! A source as people look at it: configuration, breaker, pace, quota and what it answered, together.

use chrono::{DateTime, Utc};

use super::catalogue::{Catalogue, SourceEntry};
use super::gate::Cause;
use super::quota;
use super::store::outcomes::{self, Outcome};
use super::store::states::{self, StoredState};
use crate::db::{Connection, DbError};
use crate::metrics::{Metrics, SourceStanding};

/// One source.
#[derive(Clone, Debug)]
pub struct SourceOverview {
    pub entry: SourceEntry,
    /// `available`, or why not: `blocked`, `quota`, `down`.
    pub state: &'static str,
    /// When it may be asked again, unless it is available.
    pub closed_until: Option<DateTime<Utc>>,
    /// Empty while it is available.
    pub reason: String,
    /// No request before this instant; none: it was never asked.
    pub next_request_at: Option<DateTime<Utc>>,
    /// By outcome.
    pub last_answers: Vec<Outcome>,
    pub quota: Option<Quota>,
}

/// The requests of a day, where there is a limit to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub limit: u32,
    pub used: u32,
    pub left: u32,
    pub resets_at: DateTime<Utc>,
}

/// Every configured source, by name.
///
/// # Errors
/// What the database says.
pub async fn overviews(
    connection: &impl Connection,
    catalogue: &Catalogue,
    now: DateTime<Utc>,
) -> Result<Vec<SourceOverview>, DbError> {
    let states = states::list(connection).await?;
    let outcomes = outcomes::list(connection).await?;
    let overview = |entry: SourceEntry| {
        let state = states.iter().find(|state| state.source == entry.name);
        let last_answers = outcomes.iter().filter(|outcome| outcome.source == entry.name).cloned().collect();
        overview(entry, state, last_answers, now)
    };
    Ok(catalogue.all().into_iter().map(overview).collect())
}

fn overview(
    entry: SourceEntry,
    stored: Option<&StoredState>,
    last_answers: Vec<Outcome>,
    now: DateTime<Utc>,
) -> SourceOverview {
    // The gate judges by the database's clock, and so does who looks at it.
    let now = stored.map_or(now, |stored| stored.now);
    let quota = quota(entry.daily_limit, stored.map_or(0, |stored| stored.today), now);
    let open = stored.and_then(|stored| Some((stored.open_until()?, stored)));
    let (state, closed_until, reason) = match (open, quota.filter(|quota| quota.left == 0)) {
        (Some((until, stored)), _) => (stored.cause.as_str(), Some(until), stored.reason.clone()),
        (None, Some(quota)) => (Cause::Quota.as_str(), Some(quota.resets_at), quota::reason(quota.limit)),
        (None, None) => ("available", None, String::new()),
    };
    let next_request_at = stored.map(|stored| stored.next_request_at).max(closed_until);
    SourceOverview { entry, state, closed_until, reason, next_request_at, last_answers, quota }
}

fn quota(limit: u32, used: u32, now: DateTime<Utc>) -> Option<Quota> {
    (limit > 0).then(|| Quota { limit, used, left: limit.saturating_sub(used), resets_at: quota::resets_at(now) })
}

/// Tells the metrics how each source stands.
///
/// # Errors
/// What the database says.
pub async fn measure(
    connection: &impl Connection,
    catalogue: &Catalogue,
    metrics: &Metrics,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    for found in overviews(connection, catalogue, now).await? {
        metrics.source_standing(
            found.entry.name,
            &SourceStanding {
                state: found.state,
                closed_until: found.closed_until,
                next_request_at: found.next_request_at,
                quota: found.quota.map(|quota| (quota.limit, quota.left)),
            },
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn entry(daily_limit: u32) -> SourceEntry {
        let (host, min_interval) = ("example.org".to_owned(), Duration::from_secs(3));
        SourceEntry { name: "a", enabled: true, host, min_interval, daily_limit, licence_note: "private use" }
    }

    fn stored(closed_until: Option<&str>, today: u32) -> StoredState {
        StoredState {
            source: "a".to_owned(),
            now: at("2026-11-20T12:00:00Z"),
            next_request_at: at("2026-11-20T12:00:02Z"),
            closed_until: closed_until.map(at),
            cause: Cause::Down,
            reason: "server error 500".to_owned(),
            failures: 3,
            blocks: 0,
            today,
        }
    }

    fn seen(entry: SourceEntry, stored: Option<&StoredState>) -> SourceOverview {
        overview(entry, stored, Vec::new(), at("2026-11-20T12:00:00Z"))
    }

    #[test]
    fn a_source_that_was_never_asked_or_whose_time_is_over_is_available() {
        let never = seen(entry(0), None);
        assert_eq!((never.state, never.next_request_at, never.quota), ("available", None, None));
        let over = seen(entry(0), Some(&stored(Some("2026-11-20T11:59:59Z"), 0)));
        assert_eq!((over.state, over.closed_until, over.reason.as_str()), ("available", None, ""));
        assert_eq!(over.next_request_at, Some(at("2026-11-20T12:00:02Z")));
    }

    #[test]
    fn an_open_breaker_says_why_and_until_when() {
        let open = seen(entry(5), Some(&stored(Some("2026-11-20T12:05:00Z"), 5)));
        assert_eq!((open.state, open.reason.as_str()), ("down", "server error 500"));
        assert_eq!((open.closed_until, open.next_request_at), (Some(at("2026-11-20T12:05:00Z")), open.closed_until));
    }

    #[test]
    fn a_day_that_is_used_up_is_over_at_midnight() {
        let used_up = seen(entry(5), Some(&stored(None, 7)));
        let midnight = at("2026-11-21T00:00:00Z");
        assert_eq!((used_up.state, used_up.closed_until), ("quota", Some(midnight)));
        assert_eq!(used_up.quota, Some(Quota { limit: 5, used: 7, left: 0, resets_at: midnight }));
        assert_eq!(seen(entry(5), Some(&stored(None, 4))).quota.unwrap().left, 1);
    }
}
