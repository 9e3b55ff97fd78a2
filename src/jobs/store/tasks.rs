//! Tasks as the executor writes them: each write holds only while the run is still ours.

use sea_orm::Value;

use super::leases::{fence_values, is_ours};
use crate::{
    db::{Connection, Database, DbError, Dialect, all, execute},
    jobs::{context::Fence, job::TaskReport, run::RunId},
};

/// The task has not ended.
const UNSETTLED: &str = "state IN ('pending', 'running')";

/// The run's row is ours: placeholders 1 to 3 are run, owner and fence.
const IS_OURS: &str = "id = $1 AND owner = $2 AND fence = $3 AND state IN ('running', 'cancelling')";

/// The run is ours: placeholders 1 to 3 are run, owner and fence.
const OURS: &str = "EXISTS (SELECT 1 FROM run WHERE id = $1 AND owner = $2 AND fence = $3 \
     AND state IN ('running', 'cancelling'))";

/// What a write about a run or a task found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is written now.
    Now,
    /// It had been written: a lost answer was repeated.
    Before,
    /// The run has another owner: nothing was written.
    NotOurs,
}

/// The keys still to do, with the attempts already made, in the order of planning.
///
/// # Errors
/// What the database says.
pub async fn unfinished_tasks(connection: &impl Connection, run: &RunId) -> Result<Vec<(String, u32)>, DbError> {
    let sql = "SELECT key, attempts FROM task WHERE run_id = $1 AND state IN ('pending', 'running') ORDER BY position";
    let found = all(connection, sql, [run.as_str().into()]).await?;
    found.iter().map(|row| Ok((row.try_get("", "key")?, row.try_get::<i32>("", "attempts")?.unsigned_abs()))).collect()
}

/// The keys whose tasks failed.
///
/// # Errors
/// What the database says.
pub async fn failed_keys(connection: &impl Connection, run: &RunId) -> Result<Vec<String>, DbError> {
    let sql = "SELECT key FROM task WHERE run_id = $1 AND state = 'failed' ORDER BY position";
    all(connection, sql, [run.as_str().into()]).await?.iter().map(|row| row.try_get("", "key")).collect()
}

/// A task is about to be tried for the `attempt`-th time.
///
/// # Errors
/// What the database says.
pub async fn start_task(
    connection: &impl Connection,
    fence: &Fence,
    key: &str,
    attempt: u32,
) -> Result<Written, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE task SET state = 'running', attempts = $5, started_at = COALESCE(started_at, {now}) \
         WHERE run_id = $1 AND key = $4 AND {UNSETTLED} AND {OURS}"
    );
    let attempt = i32::try_from(attempt).unwrap_or(i32::MAX);
    match execute(connection, &sql, with(fence, [key.into(), attempt.into()])).await? {
        1 => Ok(Written::Now),
        _ => not_written(connection, fence).await,
    }
}

/// Why a write about a task changed nothing: the task has ended, or the run is not ours.
async fn not_written(connection: &impl Connection, fence: &Fence) -> Result<Written, DbError> {
    Ok(if is_ours(connection, fence).await? { Written::Before } else { Written::NotOurs })
}

/// A task will be tried again, and why.
///
/// # Errors
/// What the database says.
pub async fn postpone_task(
    connection: &impl Connection,
    fence: &Fence,
    key: &str,
    error: &str,
) -> Result<bool, DbError> {
    let sql = format!(
        "UPDATE task SET state = 'pending', error = $5 WHERE run_id = $1 AND key = $4 AND {UNSETTLED} AND {OURS}"
    );
    Ok(execute(connection, &sql, with(fence, [key.into(), error.into()])).await? == 1)
}

/// The starts of a run's tasks are taken back; placeholder 1 is the run.
pub(super) const UNDO_STARTS: &str = "UPDATE task SET state = 'pending', attempts = attempts - 1, \
     started_at = CASE WHEN attempts = 1 THEN NULL ELSE started_at END \
     WHERE run_id = $1 AND state = 'running' AND attempts > 0";

/// Takes back the starts of tasks that were stopped through no fault of their own: they cost no attempt.
///
/// # Errors
/// What the database says.
pub async fn undo_starts(connection: &impl Connection, fence: &Fence) -> Result<u64, DbError> {
    execute(connection, &format!("{UNDO_STARTS} AND {OURS}"), fence_values(fence)).await
}

/// A task failed for good: its record and the run's count in one transaction.
///
/// # Errors
/// What the database says.
pub async fn fail_task(database: &Database, fence: &Fence, key: &str, error: &str) -> Result<Written, DbError> {
    let transaction = database.begin().await?;
    let now = Dialect::of(&transaction).now();
    let sql = format!(
        "UPDATE task SET state = 'failed', error = $3, finished_at = {now} \
         WHERE run_id = $1 AND key = $2 AND {UNSETTLED}"
    );
    if execute(&transaction, &sql, [fence.run.as_str().into(), key.into(), error.into()]).await? != 1 {
        return not_written(&transaction, fence).await;
    }
    let sql = format!("UPDATE run SET failed = failed + 1 WHERE {IS_OURS}");
    if execute(&transaction, &sql, fence_values(fence)).await? != 1 {
        return Ok(Written::NotOurs);
    }
    transaction.commit().await?;
    Ok(Written::Now)
}

/// A task succeeded: its record and the run's counts, in the transaction that wrote its rows.
/// Unless that was [`Written::Now`], the caller rolls back.
///
/// # Errors
/// What the database says.
pub async fn complete_task(
    connection: &impl Connection,
    fence: &Fence,
    key: &str,
    report: &TaskReport,
) -> Result<Written, DbError> {
    let now = Dialect::of(connection).now();
    let rows = row_values(report);
    let sql = format!(
        "UPDATE task SET state = 'succeeded', source = $3, message = $4, error = NULL, finished_at = {now}, \
         rows_fetched = $5, rows_inserted = $6, rows_updated = $7, rows_unchanged = $8, rows_rejected = $9 \
         WHERE run_id = $1 AND key = $2 AND {UNSETTLED}"
    );
    let source: Value = report.source.map(str::to_owned).into();
    let mut values: Vec<Value> = vec![fence.run.as_str().into(), key.into(), source, report.message.clone().into()];
    values.extend(rows.clone());
    if execute(connection, &sql, values).await? != 1 {
        return not_written(connection, fence).await;
    }
    let sql = "UPDATE run SET done = done + 1, rows_fetched = rows_fetched + $4, rows_inserted = rows_inserted + $5, \
               rows_updated = rows_updated + $6, rows_unchanged = rows_unchanged + $7, rows_rejected = rows_rejected + $8 \
               WHERE id = $1 AND owner = $2 AND fence = $3 AND state IN ('running', 'cancelling')";
    let ours = execute(connection, sql, with(fence, rows)).await? == 1;
    Ok(if ours { Written::Now } else { Written::NotOurs })
}

/// The same for a task that wrote no rows: in a transaction of its own, on PostgreSQL one statement.
///
/// # Errors
/// What the database says.
pub async fn complete_task_alone(
    database: &Database,
    fence: &Fence,
    key: &str,
    report: &TaskReport,
) -> Result<Written, DbError> {
    if !database.is_postgres() {
        let transaction = database.begin().await?;
        let written = complete_task(&transaction, fence, key, report).await?;
        if written == Written::Now {
            transaction.commit().await?;
        }
        return Ok(written);
    }
    let now = Dialect::Postgres.now();
    // The run's row is locked first: whether it is ours decides about both.
    let sql = format!(
        "WITH ours AS (UPDATE run SET done = done + 1, rows_fetched = rows_fetched + $7, \
         rows_inserted = rows_inserted + $8, rows_updated = rows_updated + $9, \
         rows_unchanged = rows_unchanged + $10, rows_rejected = rows_rejected + $11 WHERE {IS_OURS} \
         AND EXISTS (SELECT 1 FROM task WHERE run_id = $1 AND key = $4 AND {UNSETTLED}) RETURNING id) \
         UPDATE task SET state = 'succeeded', source = $5, message = $6, error = NULL, finished_at = {now}, \
         rows_fetched = $7, rows_inserted = $8, rows_updated = $9, rows_unchanged = $10, rows_rejected = $11 \
         WHERE run_id = $1 AND key = $4 AND EXISTS (SELECT 1 FROM ours)"
    );
    let source: Value = report.source.map(str::to_owned).into();
    let values = with(fence, [key.into(), source, report.message.clone().into()]);
    match execute(database.connection(), &sql, values.into_iter().chain(row_values(report))).await? {
        1 => Ok(Written::Now),
        _ => not_written(database.connection(), fence).await,
    }
}

fn row_values(report: &TaskReport) -> [Value; 5] {
    [report.rows.fetched, report.rows.inserted, report.rows.updated, report.rows.unchanged, report.rows.rejected]
        .map(|count| i64::try_from(count).unwrap_or(i64::MAX).into())
}

/// The tasks that a run in a final state left undone.
///
/// # Errors
/// What the database says.
pub async fn cancel_unfinished(connection: &impl Connection, run: &RunId) -> Result<u64, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE task SET state = 'cancelled', finished_at = {now} WHERE run_id = $1 AND state IN ('pending', 'running') \
         AND EXISTS (SELECT 1 FROM run WHERE id = $1 AND state NOT IN ('queued', 'running', 'cancelling'))"
    );
    execute(connection, &sql, [run.as_str().into()]).await
}

fn with<const N: usize>(fence: &Fence, more: [Value; N]) -> Vec<Value> {
    fence_values(fence).into_iter().chain(more).collect()
}
