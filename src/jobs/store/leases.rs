//! Holding a run: leases judged by the database's clock, and taking over what nobody holds any more.

use std::time::Duration;

use super::{rows, tasks::UNDO_STARTS};
use crate::{
    db::{Connection, Database, DbError, Dialect, all, execute, one},
    jobs::{
        context::Fence,
        run::{RunId, RunState, Trigger},
    },
};

/// For so long after the end of its lease a run still occupies its job: long enough for a rescuer to put it back to the
/// queue, so that no younger run overtakes it; not for ever, since a command in the foreground has no rescuer.
const ORPHAN: Duration = Duration::from_secs(5);

/// The condition that a row of `run`, under the name `run`, occupies its job, judged by the database's clock.
pub(super) fn occupies(dialect: Dialect, run: &str) -> String {
    let until = dialect.now_minus(ORPHAN);
    format!("{run}.state IN ('running', 'cancelling') AND {run}.lease_until > {until}")
}

/// What an owner learns when it extends its lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeat {
    Ours,
    /// Ours, and somebody asked for its end.
    CancelRequested,
    /// Its lease has ended, another process has it, or it is over.
    Lost,
}

/// Extends the lease.
///
/// # Errors
/// What the database says.
pub async fn heartbeat(connection: &impl Connection, fence: &Fence, lease: Duration) -> Result<Heartbeat, DbError> {
    let dialect = Dialect::of(connection);
    // A lease that has ended is not extended: another run of the job may have begun by now.
    let sql = format!(
        "UPDATE run SET lease_until = {} WHERE id = $1 AND owner = $2 AND fence = $3 AND lease_until > {} \
         AND state IN ('running', 'cancelling') RETURNING state",
        dialect.now_plus(lease),
        dialect.now()
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

/// Gives a run back to the queue with its finished tasks, when its owner drains.
///
/// # Errors
/// What the database says.
pub async fn release_run(connection: &impl Connection, fence: &Fence) -> Result<bool, DbError> {
    let sql = "UPDATE run SET state = 'queued', owner = NULL, lease_until = NULL, offered = false \
               WHERE id = $1 AND owner = $2 AND fence = $3 AND state = 'running'";
    Ok(execute(connection, sql, fence_values(fence)).await? == 1)
}

/// Offers all runs of an owner that ends to the other processes. Until one of them takes a run, its owner goes on.
///
/// # Errors
/// What the database says.
pub async fn offer_runs(connection: &impl Connection, owner: &str) -> Result<u64, DbError> {
    let sql = "UPDATE run SET offered = true WHERE owner = $1 AND state = 'running'";
    execute(connection, sql, [owner.into()]).await
}

/// Which of these runs are an owner's, ended or not, each with its fence.
///
/// # Errors
/// What the database says.
pub async fn still_owned(
    connection: &impl Connection,
    owner: &str,
    runs: &[&str],
) -> Result<Vec<(RunId, i64)>, DbError> {
    let sql = format!("SELECT id, fence FROM run WHERE owner = $1 AND id IN {}", Dialect::of(connection).texts("$2"));
    let found = all(connection, &sql, [owner.into(), serde_json::json!(runs).to_string().into()]).await?;
    found.iter().map(|row| Ok((rows::run_id(&row.try_get::<String>("", "id")?)?, row.try_get("", "fence")?))).collect()
}

/// A run whose lease has passed.
#[derive(Clone, Debug)]
pub struct Expired {
    pub id: RunId,
    pub job: String,
    pub state: RunState,
    pub trigger: Trigger,
    pub attempt: u32,
    pub fence: i64,
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
        "UPDATE run SET state = $3, error = $4, finished_at = {finished}, owner = NULL, lease_until = NULL, offered = false, \
         fence = fence + 1, attempt = attempt + 1 \
         WHERE id = $1 AND fence = $2 AND state IN ('running', 'cancelling') AND lease_until <= {now}"
    );
    let values =
        [expired.id.as_str().into(), expired.fence.into(), state.as_str().into(), error.map(str::to_owned).into()];
    Ok(execute(connection, &sql, values).await? == 1)
}

/// Puts an expired run back to the queue whose owner lives and only could not extend its lease: that costs no attempt,
/// neither of the run nor of the tasks that were under way. False when it moved meanwhile.
///
/// # Errors
/// What the database says.
pub async fn put_back(database: &Database, expired: &Expired) -> Result<bool, DbError> {
    let transaction = database.begin().await?;
    // The tasks first, in the order in which they are locked by who completes them.
    execute(&transaction, UNDO_STARTS, [expired.id.as_str().into()]).await?;
    let sql = format!(
        "UPDATE run SET state = 'queued', owner = NULL, lease_until = NULL, offered = false, fence = fence + 1 \
         WHERE id = $1 AND fence = $2 AND state = 'running' AND lease_until <= {}",
        Dialect::of(&transaction).now()
    );
    if execute(&transaction, &sql, [expired.id.as_str().into(), expired.fence.into()]).await? != 1 {
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
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
