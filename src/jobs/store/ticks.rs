//! Ticks: one row for each due instant.

use chrono::{DateTime, Utc};
use sea_orm::Value;

use super::rows;
use crate::{
    db::{Connection, DbError, all},
    jobs::tick::{Tick, TickOutcome},
};

/// Which ticks to list; newest first.
#[derive(Clone, Debug, Default)]
pub struct TickFilter {
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    pub outcome: Option<TickOutcome>,
    /// All but this outcome.
    pub except: Option<TickOutcome>,
    /// Only ticks before this instant: the last of the page before.
    pub before: Option<DateTime<Utc>>,
    pub limit: u32,
}

/// # Errors
/// What the database says.
pub async fn list_ticks(connection: &impl Connection, job: &str, filter: &TickFilter) -> Result<Vec<Tick>, DbError> {
    let mut values: Vec<Value> = vec![job.into()];
    let mut conditions = vec!["job = $1".to_owned()];
    let mut condition = |text: &str, value: Value| {
        values.push(value);
        conditions.push(format!("{text} ${}", values.len()));
    };
    if let Some(since) = filter.since {
        condition("scheduled_for >=", since.into());
    }
    if let Some(until) = filter.until {
        condition("scheduled_for <=", until.into());
    }
    if let Some(except) = filter.except {
        condition("outcome <>", except.as_str().into());
    }
    if let Some(before) = filter.before {
        condition("scheduled_for <", before.into());
    }
    if let Some(outcome) = filter.outcome {
        condition("outcome =", outcome.as_str().into());
    }
    let sql = format!(
        "SELECT scheduled_for, outcome, run_id, lateness_ms FROM tick WHERE {} ORDER BY scheduled_for DESC LIMIT {}",
        conditions.join(" AND "),
        filter.limit
    );
    all(connection, &sql, values).await?.iter().map(rows::tick).collect()
}
