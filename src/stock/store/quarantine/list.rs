//! Reading the rows that were not loaded.

use chrono::{DateTime, Utc};
use sea_orm::Value;
use uuid::Uuid;

use super::{
    add::BY_RULE,
    row::{Quarantined, State, quarantined, select},
};
use crate::{
    db::{Connection, DbError, all, one},
    jobs::RunId,
    stock::{bar::CompanyId, store::conditions::Conditions},
};

/// Which rows to list; newest first.
#[derive(Clone, Debug, Default)]
pub struct QuarantineFilter {
    pub company: Option<CompanyId>,
    pub source: Option<String>,
    pub state: Option<State>,
    /// The run that first met them.
    pub run: Option<String>,
    /// Only rows met since.
    pub since: Option<DateTime<Utc>>,
    /// Only rows older than this one: the last of the page before.
    pub after: Option<Uuid>,
    pub limit: u32,
}

/// # Errors
/// What the database says.
pub async fn list(connection: &impl Connection, filter: &QuarantineFilter) -> Result<Vec<Quarantined>, DbError> {
    let mut conditions = Conditions::default();
    conditions.add("q.company_id =", filter.company.as_ref().map(|id| id.as_str().into()));
    conditions.add("q.source =", filter.source.as_deref().map(Value::from));
    conditions.add("q.state =", filter.state.map(|state| state.as_str().into()));
    conditions.add("q.run_id =", filter.run.as_deref().map(Value::from));
    conditions.add("q.created_at >=", filter.since.map(Value::from));
    conditions.add("q.id <", filter.after.map(|id| id.to_string().into()));
    let sql = format!("{} {} ORDER BY q.id DESC LIMIT {}", select(), conditions.sql(), filter.limit);
    all(connection, &sql, conditions.values).await?.iter().map(quarantined).collect()
}

/// # Errors
/// What the database says.
pub async fn find(connection: &impl Connection, id: &str) -> Result<Option<Quarantined>, DbError> {
    let sql = format!("{} WHERE q.id = $1", select());
    one(connection, &sql, [id.into()]).await?.as_ref().map(quarantined).transpose()
}

/// How many rows of each source nobody has decided about; a source without any is left out.
///
/// # Errors
/// What the database says.
pub async fn held_by_source(connection: &impl Connection) -> Result<Vec<(String, u64)>, DbError> {
    let sql = "SELECT source, COUNT(*) FROM stockprice_quarantine WHERE state = 'held' GROUP BY source";
    let rows = all(connection, sql, []).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index::<i64>(1)?.unsigned_abs()))).collect()
}

/// Whether a run met rows that nobody had met before, and that were for somebody to decide about.
///
/// # Errors
/// What the database says.
pub async fn is_any_of(connection: &impl Connection, run: &RunId) -> Result<bool, DbError> {
    let sql =
        "SELECT 1 FROM stockprice_quarantine WHERE run_id = $1 AND (decided_by IS NULL OR decided_by <> $2) LIMIT 1";
    Ok(one(connection, sql, [run.as_str().into(), BY_RULE.into()]).await?.is_some())
}
