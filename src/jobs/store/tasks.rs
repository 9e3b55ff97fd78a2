//! Tasks as the executor writes them: each write holds only while the run is still ours.

use sea_orm::Value;

use super::claims::fence_values;
use crate::{
    db::{Connection, Database, DbError, Dialect, all, execute},
    jobs::{context::Fence, job::TaskReport, run::RunId},
};

/// The run is ours: placeholders 1 to 3 are run, owner and fence.
const OURS: &str = "EXISTS (SELECT 1 FROM run WHERE id = $1 AND owner = $2 AND fence = $3 \
     AND state IN ('running', 'cancelling'))";

/// Writes down the tasks of a run. False when the run is no longer ours.
///
/// # Errors
/// What the database says.
pub async fn plan_tasks(database: &Database, fence: &Fence, keys: &[String]) -> Result<bool, DbError> {
    let transaction = database.begin().await?;
    for (chunk_number, chunk) in keys.chunks(200).enumerate() {
        let mut values: Vec<Value> = vec![fence.run.as_str().into()];
        let mut rows = Vec::with_capacity(chunk.len());
        for (offset, key) in chunk.iter().enumerate() {
            values.push(key.as_str().into());
            rows.push(format!("($1, ${}, {}, 'pending')", values.len(), chunk_number * 200 + offset));
        }
        let sql = format!("INSERT INTO task (run_id, key, position, state) VALUES {}", rows.join(", "));
        execute(&transaction, &sql, values).await?;
    }
    let sql =
        "UPDATE run SET total = $4 WHERE id = $1 AND owner = $2 AND fence = $3 AND state IN ('running', 'cancelling')";
    let [id, owner, number] = fence_values(fence);
    let total = i32::try_from(keys.len()).unwrap_or(i32::MAX);
    if execute(&transaction, sql, [id, owner, number, total.into()]).await? != 1 {
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
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

/// A task is about to be tried for the `attempt`-th time. False when the run is no longer ours.
///
/// # Errors
/// What the database says.
pub async fn start_task(connection: &impl Connection, fence: &Fence, key: &str, attempt: u32) -> Result<bool, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE task SET state = 'running', attempts = $5, started_at = COALESCE(started_at, {now}) \
         WHERE run_id = $1 AND key = $4 AND {OURS}"
    );
    let attempt = i32::try_from(attempt).unwrap_or(i32::MAX);
    Ok(execute(connection, &sql, with(fence, [key.into(), attempt.into()])).await? == 1)
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
    let sql = format!("UPDATE task SET state = 'pending', error = $5 WHERE run_id = $1 AND key = $4 AND {OURS}");
    Ok(execute(connection, &sql, with(fence, [key.into(), error.into()])).await? == 1)
}

/// Takes back the starts of tasks that were stopped through no fault of their own: they cost no attempt.
///
/// # Errors
/// What the database says.
pub async fn undo_starts(connection: &impl Connection, fence: &Fence) -> Result<u64, DbError> {
    let sql = format!(
        "UPDATE task SET state = 'pending', attempts = attempts - 1, \
         started_at = CASE WHEN attempts = 1 THEN NULL ELSE started_at END \
         WHERE run_id = $1 AND state = 'running' AND attempts > 0 AND {OURS}"
    );
    execute(connection, &sql, fence_values(fence)).await
}

/// A task failed for good: its record and the run's count in one transaction.
///
/// # Errors
/// What the database says.
pub async fn fail_task(database: &Database, fence: &Fence, key: &str, error: &str) -> Result<bool, DbError> {
    let transaction = database.begin().await?;
    let now = Dialect::of(&transaction).now();
    let sql =
        format!("UPDATE task SET state = 'failed', error = $3, finished_at = {now} WHERE run_id = $1 AND key = $2");
    execute(&transaction, &sql, [fence.run.as_str().into(), key.into(), error.into()]).await?;
    let sql = "UPDATE run SET failed = failed + 1 WHERE id = $1 AND owner = $2 AND fence = $3 AND state IN ('running', 'cancelling')";
    if execute(&transaction, sql, fence_values(fence)).await? != 1 {
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
}

/// A task succeeded: its record and the run's counts, in the transaction that wrote its rows.
/// False when the run is no longer ours; the caller then rolls back.
///
/// # Errors
/// What the database says.
pub async fn complete_task(
    connection: &impl Connection,
    fence: &Fence,
    key: &str,
    report: &TaskReport,
) -> Result<bool, DbError> {
    let now = Dialect::of(connection).now();
    let rows: [Value; 5] =
        [report.rows.fetched, report.rows.inserted, report.rows.updated, report.rows.unchanged, report.rows.rejected]
            .map(|count| i64::try_from(count).unwrap_or(i64::MAX).into());
    let sql = format!(
        "UPDATE task SET state = 'succeeded', source = $3, message = $4, error = NULL, finished_at = {now}, \
         rows_fetched = $5, rows_inserted = $6, rows_updated = $7, rows_unchanged = $8, rows_rejected = $9 \
         WHERE run_id = $1 AND key = $2 AND state <> 'succeeded'"
    );
    let source: Value = report.source.map(str::to_owned).into();
    let mut values: Vec<Value> = vec![fence.run.as_str().into(), key.into(), source, report.message.clone().into()];
    values.extend(rows.clone());
    if execute(connection, &sql, values).await? != 1 {
        return Ok(false);
    }
    let sql = "UPDATE run SET done = done + 1, rows_fetched = rows_fetched + $4, rows_inserted = rows_inserted + $5, \
               rows_updated = rows_updated + $6, rows_unchanged = rows_unchanged + $7, rows_rejected = rows_rejected + $8 \
               WHERE id = $1 AND owner = $2 AND fence = $3 AND state IN ('running', 'cancelling')";
    Ok(execute(connection, sql, with(fence, rows)).await? == 1)
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
