//! Making, finding and cancelling runs.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::Value;
use serde_json::{Value as Json, json};

use super::{leases::occupies, rows, tasks::cancel_unfinished};
use crate::{
    db::{Connection, DbError, Dialect, all, execute, instant_text, one},
    jobs::{
        run::{Run, RunId, RunParams, RunState, Trigger},
        trace::Origin,
    },
    telemetry::trace::TraceContext,
};

/// A run to be made.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    pub id: RunId,
    pub job: &'a str,
    pub trigger: Trigger,
    pub scheduled_for: Option<DateTime<Utc>>,
    pub params: &'a RunParams,
    pub note: &'a str,
    pub retry_of: Option<&'a RunId>,
    /// Tasks at once; none: as the job is configured.
    pub parallel: Option<u32>,
    /// What asked for it, where that is traced.
    pub origin: Option<Origin>,
}

/// Inserts a queued run.
///
/// # Errors
/// What the database says.
pub async fn insert_run(connection: &impl Connection, run: &NewRun<'_>) -> Result<(), DbError> {
    insert_runs(connection, &[(run, false)], "", Duration::ZERO).await
}

/// Inserts runs: queued, or claimed already by `owner`, so that one commit stands between the due instant and the
/// start.
///
/// # Errors
/// What the database says; a second run for the same tick violates `UNIQUE (job, scheduled_for)`.
pub async fn insert_runs(
    connection: &impl Connection,
    runs: &[(&NewRun<'_>, bool)],
    owner: &str,
    lease: Duration,
) -> Result<(), DbError> {
    let sql = format!("{} WHERE true", insertion(Dialect::of(connection), lease, ["$1", "$2"]));
    execute(connection, &sql, [inserted(runs)?.to_string().into(), owner.into()]).await.map(drop)
}

/// The statement that inserts the rows of one parameter as runs, those claimed by the owner of the other.
pub(super) fn insertion(dialect: Dialect, lease: Duration, [rows, owner]: [&str; 2]) -> String {
    let (now, lease) = (dialect.now(), dialect.now_plus(lease));
    format!(
        "INSERT INTO run (id, job, state, trigger, scheduled_for, created_at, started_at, attempt, owner, fence, \
         lease_until, params, note, retry_of, parallel, traceparent, tracestate, trace_awaited) \
         SELECT r.id, r.job, CASE WHEN r.claimed = 1 THEN 'running' ELSE 'queued' END, r.trigger, r.scheduled_for, \
         {now}, CASE WHEN r.claimed = 1 THEN {now} END, r.claimed, CASE WHEN r.claimed = 1 THEN {owner} END, r.claimed, \
         CASE WHEN r.claimed = 1 THEN {lease} END, r.params, r.note, r.retry_of, r.parallel, r.traceparent, \
         r.tracestate, CASE r.trace_awaited WHEN 1 THEN true WHEN 0 THEN false END FROM {}",
        dialect.rows(rows, &INSERTED)
    )
}

pub(super) fn inserted(runs: &[(&NewRun<'_>, bool)]) -> Result<Json, DbError> {
    runs.iter().map(|(run, claimed)| row(run, *claimed)).collect()
}

const INSERTED: [(&str, &str); 12] = [
    ("id", "text"),
    ("job", "text"),
    ("trigger", "text"),
    ("scheduled_for", "timestamptz"),
    ("claimed", "integer"),
    ("params", "text"),
    ("note", "text"),
    ("retry_of", "text"),
    ("parallel", "integer"),
    ("traceparent", "text"),
    ("tracestate", "text"),
    ("trace_awaited", "integer"),
];

fn row(run: &NewRun<'_>, claimed: bool) -> Result<Json, DbError> {
    let context = run.origin.as_ref().map(|origin| &origin.context);
    Ok(json!({
        "id": run.id.as_str(),
        "job": run.job,
        "trigger": run.trigger.as_str(),
        "scheduled_for": run.scheduled_for.map(instant_text),
        "claimed": u8::from(claimed),
        "params": serde_json::to_string(run.params).map_err(|e| DbError::Json(e.to_string()))?,
        "note": run.note,
        "retry_of": run.retry_of.map(RunId::as_str),
        "parallel": run.parallel,
        "traceparent": context.map(TraceContext::traceparent),
        "tracestate": context.and_then(TraceContext::tracestate),
        "trace_awaited": run.origin.as_ref().map(|origin| u8::from(origin.awaited)),
    }))
}

/// # Errors
/// What the database says.
pub async fn find_run(connection: &impl Connection, id: &RunId) -> Result<Option<Run>, DbError> {
    let sql = format!("SELECT {} FROM run WHERE id = $1", rows::RUN_COLUMNS);
    one(connection, &sql, [id.as_str().into()]).await?.as_ref().map(rows::run).transpose()
}

/// The run of a job that was made last.
///
/// # Errors
/// What the database says.
pub async fn last_run(connection: &impl Connection, job: &str) -> Result<Option<Run>, DbError> {
    let sql = format!("SELECT {} FROM run WHERE job = $1 ORDER BY created_at DESC, id DESC LIMIT 1", rows::RUN_COLUMNS);
    one(connection, &sql, [job.into()]).await?.as_ref().map(rows::run).transpose()
}

/// Which runs to list; newest first.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    pub job: Option<String>,
    pub state: Option<RunState>,
    pub trigger: Option<Trigger>,
    pub since: Option<DateTime<Utc>>,
    /// Only runs older than this one: the last of the page before.
    pub after: Option<RunId>,
    pub limit: u32,
}

/// # Errors
/// What the database says.
pub async fn list_runs(connection: &impl Connection, filter: &RunFilter) -> Result<Vec<Run>, DbError> {
    let mut conditions = vec!["1 = 1".to_owned()];
    let mut values: Vec<Value> = Vec::new();
    let mut condition = |text: &str, value: Value| {
        values.push(value);
        conditions.push(text.replace('?', &format!("${}", values.len())));
    };
    if let Some(job) = &filter.job {
        condition("job = ?", job.as_str().into());
    }
    if let Some(state) = filter.state {
        condition("state = ?", state.as_str().into());
    }
    if let Some(trigger) = filter.trigger {
        condition("trigger = ?", trigger.as_str().into());
    }
    if let Some(since) = filter.since {
        condition("created_at >= ?", since.into());
    }
    if let Some(after) = &filter.after {
        condition("id < ?", after.as_str().into());
    }
    let sql = format!(
        "SELECT {} FROM run WHERE {} ORDER BY id DESC LIMIT {}",
        rows::RUN_COLUMNS,
        conditions.join(" AND "),
        filter.limit
    );
    all(connection, &sql, values).await?.iter().map(rows::run).collect()
}

/// The runs of a job that are queued, or whose owner is alive by its lease: oldest first. Those of backfills do not
/// count: they wait for the others, and not the others for them.
///
/// # Errors
/// What the database says.
pub async fn live_runs(connection: &impl Connection, job: &str) -> Result<Vec<(RunId, RunState)>, DbError> {
    let occupied = occupies(Dialect::of(connection), "run");
    let sql = format!(
        "SELECT id, state FROM run WHERE job = $1 AND trigger <> 'backfill' AND (state = 'queued' \
         OR ({occupied})) ORDER BY id"
    );
    let found = all(connection, &sql, [job.into()]).await?;
    found
        .iter()
        .map(|row| {
            let state = rows::word(RunState::parse, &row.try_get::<String>("", "state")?)?;
            Ok((rows::run_id(&row.try_get::<String>("", "id")?)?, state))
        })
        .collect()
}

/// The state of a run, which stays until the transaction ends; none when there is no such run.
///
/// # Errors
/// What the database says.
pub async fn lock_run(connection: &impl Connection, id: &RunId) -> Result<Option<RunState>, DbError> {
    let sql = format!("SELECT state FROM run WHERE id = $1 {}", Dialect::of(connection).for_update());
    let found = one(connection, &sql, [id.as_str().into()]).await?;
    found.map(|row| rows::word(RunState::parse, &row.try_get::<String>("", "state")?)).transpose()
}

/// Asks a run to end. A queued one ends at once, a running one when its owner hears of it.
/// Gives the state it is in now; none when there is no such run.
///
/// # Errors
/// What the database says.
pub async fn request_cancel(connection: &impl Connection, id: &RunId) -> Result<Option<RunState>, DbError> {
    let now = Dialect::of(connection).now();
    let queued = format!("UPDATE run SET state = 'cancelled', finished_at = {now} WHERE id = $1 AND state = 'queued'");
    if execute(connection, &queued, [id.as_str().into()]).await? == 1 {
        cancel_unfinished(connection, id).await?;
        return Ok(Some(RunState::Cancelled));
    }
    let running = "UPDATE run SET state = 'cancelling' WHERE id = $1 AND state IN ('running', 'cancelling')";
    if execute(connection, running, [id.as_str().into()]).await? == 1 {
        return Ok(Some(RunState::Cancelling));
    }
    Ok(find_run(connection, id).await?.map(|run| run.state))
}

/// Asks every active run of a job to end, for overlap `replace`.
///
/// # Errors
/// What the database says.
pub async fn request_cancel_of_job(connection: &impl Connection, job: &str) -> Result<Vec<RunId>, DbError> {
    let live = live_runs(connection, job).await?;
    for (id, _) in &live {
        request_cancel(connection, id).await?;
    }
    Ok(live.into_iter().map(|(id, _)| id).collect())
}

/// Deletes finished runs of a job that ended before an instant, and its ticks before it; not those whose results a
/// backfill has yet to collect. Gives the number of runs.
///
/// # Errors
/// What the database says.
pub async fn purge_runs(connection: &impl Connection, job: &str, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute(connection, "DELETE FROM tick WHERE job = $1 AND scheduled_for < $2", [job.into(), before.into()]).await?;
    let sql = "DELETE FROM run WHERE job = $1 AND finished_at < $2 \
               AND NOT EXISTS (SELECT 1 FROM backfill WHERE backfill.run_id = run.id)";
    execute(connection, sql, [job.into(), before.into()]).await
}
