//! The runs of backfills: which items they take, what becomes of them, and when they make way for others.

use sea_orm::Value;

use crate::{
    db::{Connection, DbError, Dialect, all, execute},
    jobs::{
        backfill::BackfillId,
        run::{Run, RunId, RunState},
    },
};

/// The items of run `$2` that have no end yet.
const OPEN: &str = "backfill_id = $1 AND run_id = $2 AND state IN ('pending', 'running')";

/// Gives the first items that wait, at most so many, to a run. Gives their keys.
///
/// # Errors
/// What the database says.
pub async fn take_items(
    connection: &impl Connection,
    id: &BackfillId,
    run: &RunId,
    limit: u32,
) -> Result<Vec<String>, DbError> {
    let waiting = "backfill_id = $1 AND state = 'pending' AND run_id IS NULL";
    let sql = format!("SELECT key, position FROM backfill_item WHERE {waiting} ORDER BY position LIMIT {limit}");
    let found = all(connection, &sql, [id.as_str().into()]).await?;
    let Some(last) = found.last() else { return Ok(Vec::new()) };
    let last: i32 = last.try_get("", "position")?;
    let sql = format!("UPDATE backfill_item SET run_id = $2 WHERE {waiting} AND position <= $3");
    execute(connection, &sql, [id.as_str().into(), run.as_str().into(), last.into()]).await?;
    found.iter().map(|row| row.try_get("", "key")).collect()
}

/// Brings the items of a run up to date with its tasks.
///
/// # Errors
/// What the database says.
pub async fn collect_items(connection: &impl Connection, id: &BackfillId, run: &Run) -> Result<u64, DbError> {
    // The tasks of a run that waits for its owner's successor are not under way, whatever they say.
    let live = matches!(run.state, RunState::Running | RunState::Cancelling);
    let under_way = if live { "running" } else { "pending" };
    let now = format!(
        "CASE task.state WHEN 'succeeded' THEN 'succeeded' WHEN 'failed' THEN 'failed' WHEN 'running' THEN '{under_way}' \
         ELSE 'pending' END"
    );
    let sql = format!(
        "UPDATE backfill_item SET state = {now}, message = COALESCE(task.message, backfill_item.message), \
         error = task.error, rows_fetched = task.rows_fetched, rows_inserted = task.rows_inserted, \
         rows_updated = task.rows_updated, rows_unchanged = task.rows_unchanged, rows_rejected = task.rows_rejected, \
         started_at = task.started_at, \
         finished_at = CASE WHEN task.state IN ('succeeded', 'failed') THEN task.finished_at END \
         FROM task WHERE task.run_id = $2 AND task.key = backfill_item.key AND backfill_item.backfill_id = $1 \
         AND backfill_item.run_id = $2 AND backfill_item.state IN ('pending', 'running') AND backfill_item.state <> {now}"
    );
    execute(connection, &sql, values(id, &run.id)).await
}

/// Parts the items from a run that has ended. Those it left without an end were cancelled with it; or they were begun
/// by a run that ended badly, and fail with it; or they wait for the next run.
///
/// # Errors
/// What the database says.
pub async fn part_from_run(connection: &impl Connection, id: &BackfillId, run: &Run) -> Result<(), DbError> {
    if run.state == RunState::Cancelled {
        return end_items(connection, id, &run.id, "cancelled", None, "").await.map(drop);
    }
    let unplanned = "AND NOT EXISTS (SELECT 1 FROM task WHERE task.run_id = $2 AND task.key = backfill_item.key)";
    let begun = "AND EXISTS (SELECT 1 FROM task WHERE task.run_id = $2 AND task.key = backfill_item.key \
                 AND task.attempts > 0)";
    let error = run.error.clone().unwrap_or_else(|| format!("run {} ended as {}", run.id, run.state));
    let planned = run.total > 0 || run.state == RunState::Succeeded;
    let mut advanced = planned && run.done + run.failed > 0;
    if planned {
        advanced |= end_items(connection, id, &run.id, "skipped", None, unplanned).await? > 0;
        advanced |= end_items(connection, id, &run.id, "failed", Some(&error), begun).await? > 0;
    }
    // A run that brought none of its items to an end would be followed by its like for ever.
    if !advanced {
        return end_items(connection, id, &run.id, "failed", Some(&error), "").await.map(drop);
    }
    release_items(connection, id, &run.id).await
}

/// Lets the items of a run that is gone wait for the next one.
///
/// # Errors
/// What the database says.
pub async fn release_items(connection: &impl Connection, id: &BackfillId, run: &RunId) -> Result<(), DbError> {
    let sql = format!("UPDATE backfill_item SET state = 'pending', run_id = NULL WHERE {OPEN}");
    execute(connection, &sql, values(id, run)).await.map(drop)
}

/// Cancels the items that wait for a run.
///
/// # Errors
/// What the database says.
pub async fn cancel_waiting_items(connection: &impl Connection, id: &BackfillId) -> Result<u64, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE backfill_item SET state = 'cancelled', finished_at = {now} \
         WHERE backfill_id = $1 AND state IN ('pending', 'running') AND run_id IS NULL"
    );
    execute(connection, &sql, [id.as_str().into()]).await
}

async fn end_items(
    connection: &impl Connection,
    id: &BackfillId,
    run: &RunId,
    state: &str,
    error: Option<&str>,
    which: &str,
) -> Result<u64, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE backfill_item SET state = '{state}', error = COALESCE($3, error), finished_at = {now} WHERE {OPEN} {which}"
    );
    let error: Value = error.map(str::to_owned).into();
    execute(connection, &sql, values(id, run).into_iter().chain([error])).await
}

/// A run of a backfill that a process executes, and what it should hear of.
#[derive(Clone, Debug)]
pub struct UnderWay {
    pub run: RunId,
    pub job: String,
    /// Its end was asked for.
    pub cancelling: bool,
    /// Another run of its job waits.
    pub wanted: bool,
    /// Its backfill is paused.
    pub paused: bool,
}

/// The runs of backfills that this owner executes.
///
/// # Errors
/// What the database says.
pub async fn backfills_under_way(connection: &impl Connection, owner: &str) -> Result<Vec<UnderWay>, DbError> {
    let sql = "SELECT id, job, state = 'cancelling' AS cancelling, \
               EXISTS (SELECT 1 FROM run AS other WHERE other.job = run.job AND other.state = 'queued' \
                 AND other.trigger <> 'backfill') AS wanted, \
               EXISTS (SELECT 1 FROM backfill WHERE backfill.run_id = run.id AND backfill.state = 'paused') AS paused \
               FROM run WHERE trigger = 'backfill' AND state IN ('running', 'cancelling') AND owner = $1";
    let found = all(connection, sql, [owner.into()]).await?;
    found
        .iter()
        .map(|row| {
            Ok(UnderWay {
                run: super::rows::run_id(&row.try_get::<String>("", "id")?)?,
                job: row.try_get("", "job")?,
                cancelling: row.try_get("", "cancelling")?,
                wanted: row.try_get("", "wanted")?,
                paused: row.try_get("", "paused")?,
            })
        })
        .collect()
}

fn values(id: &BackfillId, run: &RunId) -> [Value; 2] {
    [id.as_str().into(), run.as_str().into()]
}
