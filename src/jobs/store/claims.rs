//! Who executes a run: claims, leases, fences. Leases are judged by the database's clock.

use std::time::Duration;

use super::{job_states::lock_job, rows};
use crate::{
    db::{Connection, Database, DbError, Dialect, all, execute, one},
    jobs::{
        Claimant,
        context::Fence,
        run::{Run, RunId, RunState, Trigger},
    },
};

/// A run that is ours to execute.
#[derive(Clone, Debug)]
pub struct Claim {
    pub run: Run,
    pub fence: Fence,
}

/// Claims the oldest queued run of the given jobs, parts of backfills after all others and those of paused ones not at
/// all. `exclusive` says for each job whether its runs must not overlap.
///
/// # Errors
/// What the database says.
pub async fn claim_next(
    database: &Database,
    claimant: &Claimant,
    exclusive: &[(&str, bool)],
) -> Result<Option<Claim>, DbError> {
    let sql = "SELECT id, job FROM run WHERE state = 'queued' \
               AND NOT EXISTS (SELECT 1 FROM backfill WHERE backfill.run_id = run.id AND backfill.state = 'paused') \
               ORDER BY trigger = 'backfill', id LIMIT 50";
    let mut full: Vec<String> = Vec::new();
    for row in all(database.connection(), sql, []).await? {
        let (id, job): (String, String) = (row.try_get("", "id")?, row.try_get("", "job")?);
        let Some(&(_, alone)) = exclusive.iter().find(|(name, _)| *name == job) else { continue };
        if full.contains(&job) {
            continue;
        }
        match claim_run(database, claimant, &rows::run_id(&id)?, &job, alone).await? {
            Some(claim) => return Ok(Some(claim)),
            None => full.push(job),
        }
    }
    Ok(None)
}

/// Claims one queued run; none when another was faster or a run of the job is still active.
///
/// # Errors
/// What the database says.
pub async fn claim_run(
    database: &Database,
    claimant: &Claimant,
    id: &RunId,
    job: &str,
    exclusive: bool,
) -> Result<Option<Claim>, DbError> {
    let transaction = database.begin().await?;
    let dialect = Dialect::of(&transaction);
    let (now, lease) = (dialect.now(), dialect.now_plus(claimant.lease));
    if exclusive {
        // Claims of one job follow one another here, so that two replicas cannot each see the other's as absent.
        lock_job(&transaction, job).await?;
        let active = format!(
            "SELECT 1 FROM run WHERE job = $1 AND state IN ('running', 'cancelling') AND lease_until > {now} LIMIT 1"
        );
        if one(&transaction, &active, [job.into()]).await?.is_some() {
            return Ok(None);
        }
    }
    let sql = format!(
        "UPDATE run SET state = 'running', owner = $1, fence = fence + 1, lease_until = {lease}, \
         started_at = COALESCE(started_at, {now}), attempt = CASE WHEN attempt = 0 THEN 1 ELSE attempt END \
         WHERE id = $2 AND state = 'queued'"
    );
    if execute(&transaction, &sql, [claimant.owner.clone().into(), id.as_str().into()]).await? != 1 {
        return Ok(None);
    }
    let sql = format!("SELECT {}, fence FROM run WHERE id = $1", rows::RUN_COLUMNS);
    let Some(row) = one(&transaction, &sql, [id.as_str().into()]).await? else { return Ok(None) };
    let number = row.try_get("", "fence")?;
    let run = rows::run(&row)?;
    transaction.commit().await?;
    Ok(Some(Claim { fence: Fence { run: id.clone(), owner: claimant.owner.clone(), number }, run }))
}

/// What an owner learns when it extends its lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeat {
    Ours,
    /// Ours, and somebody asked for its end.
    CancelRequested,
    /// Another process has it, or it is over.
    Lost,
}

/// Extends the lease.
///
/// # Errors
/// What the database says.
pub async fn heartbeat(connection: &impl Connection, fence: &Fence, lease: Duration) -> Result<Heartbeat, DbError> {
    let until = Dialect::of(connection).now_plus(lease);
    let sql = format!(
        "UPDATE run SET lease_until = {until} WHERE id = $1 AND owner = $2 AND fence = $3 \
         AND state IN ('running', 'cancelling') RETURNING state"
    );
    Ok(match one(connection, &sql, fence_values(fence)).await? {
        None => Heartbeat::Lost,
        Some(row) if row.try_get::<String>("", "state")? == "cancelling" => Heartbeat::CancelRequested,
        Some(_) => Heartbeat::Ours,
    })
}

/// Whether the run is still ours; it stays so until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn is_ours(connection: &impl Connection, fence: &Fence) -> Result<bool, DbError> {
    let sql = format!(
        "SELECT 1 FROM run WHERE id = $1 AND owner = $2 AND fence = $3 AND state IN ('running', 'cancelling') {}",
        Dialect::of(connection).for_update()
    );
    Ok(one(connection, &sql, fence_values(fence)).await?.is_some())
}

/// Ends a run. False when it was no longer ours: nothing was written then.
///
/// # Errors
/// What the database says.
pub async fn finish_run(
    connection: &impl Connection,
    fence: &Fence,
    state: RunState,
    error: Option<&str>,
) -> Result<bool, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE run SET state = $4, error = $5, finished_at = {now}, lease_until = NULL \
         WHERE id = $1 AND owner = $2 AND fence = $3 AND state IN ('running', 'cancelling')"
    );
    let [id, owner, number] = fence_values(fence);
    let values = [id, owner, number, state.as_str().into(), error.map(str::to_owned).into()];
    Ok(execute(connection, &sql, values).await? == 1)
}

/// Gives a run back to the queue with its finished tasks, when its owner drains.
///
/// # Errors
/// What the database says.
pub async fn release_run(connection: &impl Connection, fence: &Fence) -> Result<bool, DbError> {
    let sql = "UPDATE run SET state = 'queued', owner = NULL, lease_until = NULL \
               WHERE id = $1 AND owner = $2 AND fence = $3 AND state = 'running'";
    Ok(execute(connection, sql, fence_values(fence)).await? == 1)
}

/// A run whose lease has passed.
#[derive(Clone, Debug)]
pub struct Expired {
    pub id: RunId,
    pub job: String,
    pub state: RunState,
    pub trigger: Trigger,
    pub attempt: u32,
    fence: i64,
}

/// # Errors
/// What the database says.
pub async fn expired_runs(connection: &impl Connection) -> Result<Vec<Expired>, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "SELECT id, job, state, trigger, attempt, fence FROM run \
         WHERE state IN ('running', 'cancelling') AND lease_until <= {now} ORDER BY id"
    );
    let found = all(connection, &sql, []).await?;
    found
        .iter()
        .map(|row| {
            Ok(Expired {
                id: rows::run_id(&row.try_get::<String>("", "id")?)?,
                job: row.try_get("", "job")?,
                state: rows::word(RunState::parse, &row.try_get::<String>("", "state")?)?,
                trigger: rows::word(Trigger::parse, &row.try_get::<String>("", "trigger")?)?,
                attempt: row.try_get::<i32>("", "attempt")?.unsigned_abs(),
                fence: row.try_get("", "fence")?,
            })
        })
        .collect()
}

/// Takes an expired run from its owner: back to the queue with one more attempt, or to a final state.
/// False when it moved meanwhile.
///
/// # Errors
/// What the database says.
pub async fn take_over(
    connection: &impl Connection,
    expired: &Expired,
    state: RunState,
    error: Option<&str>,
) -> Result<bool, DbError> {
    let now = Dialect::of(connection).now();
    let finished = if state.is_final() { now } else { "NULL" };
    let sql = format!(
        "UPDATE run SET state = $3, error = $4, finished_at = {finished}, owner = NULL, lease_until = NULL, \
         fence = fence + 1, attempt = attempt + 1 \
         WHERE id = $1 AND fence = $2 AND state IN ('running', 'cancelling') AND lease_until <= {now}"
    );
    let values =
        [expired.id.as_str().into(), expired.fence.into(), state.as_str().into(), error.map(str::to_owned).into()];
    Ok(execute(connection, &sql, values).await? == 1)
}

/// Ends the leases of all daemons, for the one process that owns the whole file of a SQLite database.
///
/// # Errors
/// What the database says.
pub async fn take_over_daemons(connection: &impl Connection) -> Result<u64, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE run SET lease_until = {now} WHERE state IN ('running', 'cancelling') AND owner LIKE 'daemon-%'"
    );
    execute(connection, &sql, []).await
}

pub(super) fn fence_values(fence: &Fence) -> [sea_orm::Value; 3] {
    [fence.run.as_str().into(), fence.owner.clone().into(), fence.number.into()]
}
