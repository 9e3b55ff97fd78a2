//! Backfills: making, finding, moving from state to state.

use chrono::{DateTime, Utc};
use sea_orm::{QueryResult, Value};

use super::rows;
use crate::{
    db::{Connection, DbError, Dialect, all, execute, one},
    jobs::{
        backfill::{Backfill, BackfillId, BackfillMode, BackfillState},
        run::{RunId, RunParams},
    },
};

const COLUMNS: &str =
    "id, job, state, mode, params, max_parallel, note, retry_of, run_id, created_at, finished_at, error";
const UNFINISHED: &str = "state IN ('running', 'paused', 'cancelling')";

/// A backfill to be made.
#[derive(Clone, Debug)]
pub struct NewBackfill<'a> {
    pub id: &'a BackfillId,
    pub job: &'a str,
    pub mode: BackfillMode,
    pub params: &'a RunParams,
    pub max_parallel: u32,
    pub note: &'a str,
    pub retry_of: Option<&'a BackfillId>,
}

/// # Errors
/// What the database says.
pub async fn insert_backfill(connection: &impl Connection, new: &NewBackfill<'_>) -> Result<(), DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "INSERT INTO backfill (id, job, state, mode, params, max_parallel, note, retry_of, created_at) \
         VALUES ($1, $2, 'running', $3, $4, $5, $6, $7, {now})"
    );
    let params = serde_json::to_string(new.params).map_err(|e| DbError::Json(e.to_string()))?;
    let values: [Value; 7] = [
        new.id.as_str().into(),
        new.job.into(),
        new.mode.as_str().into(),
        params.into(),
        i32::try_from(new.max_parallel).unwrap_or(i32::MAX).into(),
        new.note.into(),
        new.retry_of.map(|id| id.as_str().to_owned()).into(),
    ];
    execute(connection, &sql, values).await.map(drop)
}

/// # Errors
/// What the database says.
pub async fn find_backfill(connection: &impl Connection, id: &BackfillId) -> Result<Option<Backfill>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM backfill WHERE id = $1");
    one(connection, &sql, [id.as_str().into()]).await?.as_ref().map(backfill).transpose()
}

/// Which backfills of a job to list; newest first.
#[derive(Clone, Debug, Default)]
pub struct BackfillFilter {
    pub state: Option<BackfillState>,
    /// Only backfills older than this one: the last of the page before.
    pub after: Option<BackfillId>,
    pub limit: u32,
}

/// # Errors
/// What the database says.
pub async fn list_backfills(
    connection: &impl Connection,
    job: &str,
    filter: &BackfillFilter,
) -> Result<Vec<Backfill>, DbError> {
    let mut values: Vec<Value> = vec![job.into()];
    let mut conditions = vec!["job = $1".to_owned()];
    let mut condition = |text: &str, value: &str| {
        values.push(value.into());
        conditions.push(format!("{text} ${}", values.len()));
    };
    if let Some(state) = filter.state {
        condition("state =", state.as_str());
    }
    if let Some(after) = &filter.after {
        condition("id <", after.as_str());
    }
    let (conditions, limit) = (conditions.join(" AND "), filter.limit);
    let sql = format!("SELECT {COLUMNS} FROM backfill WHERE {conditions} ORDER BY id DESC LIMIT {limit}");
    all(connection, &sql, values).await?.iter().map(backfill).collect()
}

/// The backfills that have not ended, oldest first.
///
/// # Errors
/// What the database says.
pub async fn unfinished_backfills(connection: &impl Connection) -> Result<Vec<BackfillId>, DbError> {
    let sql = format!("SELECT id FROM backfill WHERE {UNFINISHED} ORDER BY id");
    let found = all(connection, &sql, []).await?;
    found.iter().map(|row| backfill_id(&row.try_get::<String>("", "id")?)).collect()
}

/// An unfinished backfill, which is ours until the transaction ends; none while another replica has it.
///
/// # Errors
/// What the database says.
pub async fn lock_backfill(connection: &impl Connection, id: &BackfillId) -> Result<Option<Backfill>, DbError> {
    let lock = Dialect::of(connection).for_update_skip_locked();
    let sql = format!("SELECT {COLUMNS} FROM backfill WHERE id = $1 AND {UNFINISHED} {lock}");
    one(connection, &sql, [id.as_str().into()]).await?.as_ref().map(backfill).transpose()
}

/// Moves a backfill from one of these states to another. False when it was in none of them.
///
/// # Errors
/// What the database says.
pub async fn move_backfill(
    connection: &impl Connection,
    id: &BackfillId,
    from: &[BackfillState],
    to: BackfillState,
) -> Result<bool, DbError> {
    let from: Vec<String> = from.iter().map(|state| format!("'{state}'")).collect();
    let sql = format!("UPDATE backfill SET state = $2 WHERE id = $1 AND state IN ({})", from.join(", "));
    Ok(execute(connection, &sql, [id.as_str().into(), to.as_str().into()]).await? == 1)
}

/// The run its items are in from now on.
///
/// # Errors
/// What the database says.
pub async fn set_backfill_run(
    connection: &impl Connection,
    id: &BackfillId,
    run: Option<&RunId>,
) -> Result<(), DbError> {
    let run: Value = run.map(|run| run.as_str().to_owned()).into();
    execute(connection, "UPDATE backfill SET run_id = $2 WHERE id = $1", [id.as_str().into(), run]).await.map(drop)
}

/// Ends a backfill.
///
/// # Errors
/// What the database says.
pub async fn finish_backfill(
    connection: &impl Connection,
    id: &BackfillId,
    state: BackfillState,
    error: Option<&str>,
) -> Result<(), DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE backfill SET state = $2, error = $3, run_id = NULL, finished_at = {now} WHERE id = $1 AND {UNFINISHED}"
    );
    let values: [Value; 3] = [id.as_str().into(), state.as_str().into(), error.map(str::to_owned).into()];
    execute(connection, &sql, values).await.map(drop)
}

/// Deletes finished backfills of a job that ended before an instant, with their items. Gives their number.
///
/// # Errors
/// What the database says.
pub async fn purge_backfills(connection: &impl Connection, job: &str, before: DateTime<Utc>) -> Result<u64, DbError> {
    let sql = "DELETE FROM backfill WHERE job = $1 AND finished_at < $2";
    execute(connection, sql, [job.into(), before.into()]).await
}

fn backfill(row: &QueryResult) -> Result<Backfill, DbError> {
    let params: String = row.try_get("", "params")?;
    Ok(Backfill {
        id: backfill_id(&row.try_get::<String>("", "id")?)?,
        job: row.try_get("", "job")?,
        state: rows::word(BackfillState::parse, &row.try_get::<String>("", "state")?)?,
        mode: rows::word(BackfillMode::parse, &row.try_get::<String>("", "mode")?)?,
        params: serde_json::from_str(&params).map_err(|e| DbError::Json(format!("params of a backfill: {e}")))?,
        max_parallel: row.try_get::<i32>("", "max_parallel")?.unsigned_abs(),
        note: row.try_get("", "note")?,
        retry_of: row.try_get::<Option<String>>("", "retry_of")?.as_deref().map(backfill_id).transpose()?,
        run: row.try_get::<Option<String>>("", "run_id")?.as_deref().map(rows::run_id).transpose()?,
        created_at: row.try_get("", "created_at")?,
        finished_at: row.try_get("", "finished_at")?,
        error: row.try_get("", "error")?,
    })
}

pub(super) fn backfill_id(text: &str) -> Result<BackfillId, DbError> {
    BackfillId::parse(text).ok_or_else(|| DbError::Type(format!("{text:?} is no backfill id")))
}
