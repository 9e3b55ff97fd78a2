//! Changes in the database.

use chrono::{DateTime, Utc};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::{
    Actor, Change, Entry, Via,
    entry::{bounded, cut},
};
use crate::db::{Connection, DbError, Dialect, Places, all, execute};

const COLUMNS: &str = "id, at, actor, via, action, subject, before, after, request_id, note";

/// Rows of one statement.
const CHUNK: usize = 500;

const LONGEST_NAME: usize = 128;
const LONGEST_NOTE: usize = 1000;

/// Writes a change down. Given the transaction of the change, so that neither is without the other.
///
/// # Errors
/// What the database says; then the change must not be committed.
pub async fn record(connection: &impl Connection, actor: &Actor, change: &Change<'_>) -> Result<(), DbError> {
    record_all(connection, actor, std::slice::from_ref(change)).await
}

/// The same for many changes at once.
///
/// # Errors
/// As [`record`].
pub async fn record_all(connection: &impl Connection, actor: &Actor, changes: &[Change<'_>]) -> Result<(), DbError> {
    let now = Dialect::of(connection).now();
    for chunk in changes.chunks(CHUNK) {
        let mut sql =
            "INSERT INTO audit (at, id, actor, via, action, subject, before, after, request_id, note) VALUES "
                .to_owned();
        let mut places = Places::new(Dialect::of(connection));
        for row in 0..chunk.len() {
            sql.push_str(if row == 0 { "(" } else { ",(" });
            sql.push_str(now);
            for _ in 0..9 {
                sql.push(',');
                places.push(&mut sql);
            }
            sql.push(')');
        }
        execute(connection, &sql, chunk.iter().flat_map(|change| values(actor, change))).await?;
    }
    Ok(())
}

fn values(actor: &Actor, change: &Change<'_>) -> [Value; 9] {
    [
        Uuid::now_v7().to_string().into(),
        cut(&actor.name, LONGEST_NAME).into(),
        actor.via.as_str().into(),
        change.action.into(),
        cut(change.subject, LONGEST_NAME).into(),
        change.before.as_ref().map(bounded).into(),
        change.after.as_ref().map(bounded).into(),
        actor.request_id.clone().into(),
        cut(change.note, LONGEST_NOTE).into(),
    ]
}

/// Which changes to list; newest first.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    pub actor: Option<String>,
    pub action: Option<String>,
    pub subject: Option<String>,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// Only changes older than this one: the last of the page before.
    pub after: Option<Uuid>,
    pub limit: u32,
}

/// # Errors
/// What the database says.
pub async fn list(connection: &impl Connection, filter: &AuditFilter) -> Result<Vec<Entry>, DbError> {
    let mut conditions = vec!["1 = 1".to_owned()];
    let mut values: Vec<Value> = Vec::new();
    let mut condition = |text: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(format!("{text} ${}", values.len()));
        }
    };
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    condition("actor =", text(&filter.actor));
    condition("action =", text(&filter.action));
    condition("subject =", text(&filter.subject));
    condition("at >=", filter.since.map(Value::from));
    condition("at <=", filter.until.map(Value::from));
    condition("id <", filter.after.map(|id| id.to_string().into()));
    let sql = format!(
        "SELECT {COLUMNS} FROM audit WHERE {} ORDER BY id DESC LIMIT {}",
        conditions.join(" AND "),
        filter.limit
    );
    all(connection, &sql, values).await?.iter().map(entry).collect()
}

/// Deletes what was written down before an instant. Gives the number of rows.
///
/// # Errors
/// What the database says.
pub async fn purge(connection: &impl Connection, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute(connection, "DELETE FROM audit WHERE at < $1", [before.into()]).await
}

fn entry(row: &QueryResult) -> Result<Entry, DbError> {
    let via: String = row.try_get("", "via")?;
    Ok(Entry {
        id: row.try_get("", "id")?,
        at: row.try_get("", "at")?,
        actor: row.try_get("", "actor")?,
        via: Via::parse(&via).ok_or_else(|| DbError::Type(format!("unknown way {via:?}")))?,
        action: row.try_get("", "action")?,
        subject: row.try_get("", "subject")?,
        before: json(row, "before")?,
        after: json(row, "after")?,
        request_id: row.try_get("", "request_id")?,
        note: row.try_get("", "note")?,
    })
}

fn json(row: &QueryResult, column: &str) -> Result<Option<serde_json::Value>, DbError> {
    let text: Option<String> = row.try_get("", column)?;
    text.map(|text| serde_json::from_str(&text).map_err(|e| DbError::Json(e.to_string()))).transpose()
}
