//! What happened to runs and ticks that a hook has not been told of.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::QueryResult;

use crate::{
    db::{Connection, DbError, all},
    jobs::{
        Run, RunState,
        store::{RUN_COLUMNS, read_run},
    },
};

/// Runs read at once; the rest is read by the next look.
pub const MOST: usize = 200;

/// Runs that reached one of the given states since an instant and stand in no alert of the hook yet, in the order of
/// their ends; at most [`MOST`].
///
/// # Errors
/// What the database says.
pub async fn ended_badly(
    connection: &impl Connection,
    hook: &str,
    since: DateTime<Utc>,
    states: &[RunState],
) -> Result<Vec<Run>, DbError> {
    // All of the words, as the index has them, and of these the ones that are wanted.
    let wanted: Vec<String> = states.iter().map(|state| format!("'{state}'")).collect();
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM run WHERE state IN ('failed', 'timed_out', 'partial', 'lost') \
         AND state IN ({}) AND finished_at >= $2 \
         AND NOT EXISTS (SELECT 1 FROM alert WHERE alert.hook = $1 AND alert.key = 'run:' || run.id) \
         ORDER BY finished_at, id LIMIT {MOST}",
        wanted.join(", ")
    );
    all(connection, &sql, [hook.into(), since.into()]).await?.iter().map(read_run).collect()
}

/// The successes of a job since an instant in the order of their ends; of many, the newest.
///
/// # Errors
/// What the database says.
pub async fn successes_since(
    connection: &impl Connection,
    job: &str,
    since: DateTime<Utc>,
) -> Result<Vec<Run>, DbError> {
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM run WHERE job = $1 AND state = 'succeeded' AND finished_at >= $2 \
         ORDER BY finished_at DESC, id DESC LIMIT 50"
    );
    let mut runs: Vec<Run> = Vec::new();
    for row in all(connection, &sql, [job.into(), since.into()]).await? {
        runs.push(read_run(&row)?);
    }
    runs.reverse();
    Ok(runs)
}

/// Ticks of a job that were recorded too long after their due instants, taken together.
#[derive(Clone, Debug)]
pub struct LateTicks {
    pub job: String,
    pub count: u64,
    pub earliest: DateTime<Utc>,
    pub newest: DateTime<Utc>,
    pub late_by: TimeDelta,
    pub at: DateTime<Utc>,
}

/// The late ticks of each job that were recorded since an instant and have not been counted for the hook. Those of a
/// paused job are nobody's trouble.
///
/// # Errors
/// What the database says.
pub async fn late_ticks(
    connection: &impl Connection,
    hook: &str,
    since: DateTime<Utc>,
    late_after: Duration,
) -> Result<Vec<LateTicks>, DbError> {
    // By an expression: SQLite would otherwise read all ticks in the order of jobs to have them in groups.
    let sql = format!(
        "SELECT job || '' AS name, COUNT(*) AS late, MIN(scheduled_for) AS earliest, MAX(scheduled_for) AS newest, \
         MAX(lateness_ms) AS late_ms, MAX(recorded_at) AS noticed_at FROM tick \
         WHERE recorded_at >= $2 AND lateness_ms > $3 AND outcome <> 'skipped_paused' AND {} \
         GROUP BY job || '' ORDER BY name",
        not_counted("tick")
    );
    let millis = i64::try_from(late_after.as_millis()).unwrap_or(i64::MAX);
    let rows = all(connection, &sql, [hook.into(), since.into(), millis.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(LateTicks {
                job: row.try_get("", "name")?,
                count: row.try_get::<i64>("", "late")?.unsigned_abs(),
                earliest: row.try_get("", "earliest")?,
                newest: row.try_get("", "newest")?,
                late_by: TimeDelta::milliseconds(row.try_get("", "late_ms")?),
                at: row.try_get("", "noticed_at")?,
            })
        })
        .collect()
}

/// A run that a schedule caused.
#[derive(Clone, Debug)]
pub struct ScheduledRun {
    pub id: String,
    pub job: String,
    pub scheduled_for: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
}

/// Scheduled runs due before an instant that started since another, or have not started, and have not been counted as
/// late for the hook.
///
/// # Errors
/// What the database says.
pub async fn scheduled_runs(
    connection: &impl Connection,
    hook: &str,
    since: DateTime<Utc>,
    due_before: DateTime<Utc>,
) -> Result<Vec<ScheduledRun>, DbError> {
    // Two questions, each with an index of its own; a run that was put back to the queue has started before.
    let sql = format!(
        "SELECT id, job, scheduled_for, started_at FROM run WHERE scheduled_for IS NOT NULL \
         AND scheduled_for < $3 AND started_at >= $2 AND {not_counted} \
         UNION ALL SELECT id, job, scheduled_for, started_at FROM run \
         WHERE state = 'queued' AND started_at IS NULL \
         AND scheduled_for < $3 AND {not_counted} ORDER BY scheduled_for LIMIT 1000",
        not_counted = not_counted("run")
    );
    let rows = all(connection, &sql, [hook.into(), since.into(), due_before.into()]).await?;
    rows.iter().map(scheduled_run).collect()
}

/// The scheduled runs of a job that are active: waiting or being executed.
///
/// # Errors
/// What the database says.
pub async fn unfinished(connection: &impl Connection, job: &str) -> Result<Vec<ScheduledRun>, DbError> {
    let sql = "SELECT id, job, scheduled_for, started_at FROM run WHERE job = $1 \
               AND state IN ('queued', 'running', 'cancelling') AND scheduled_for IS NOT NULL ORDER BY id LIMIT 1000";
    all(connection, sql, [job.into()]).await?.iter().map(scheduled_run).collect()
}

/// Lateness is counted in the order of due instants.
fn not_counted(table: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM alert_incident WHERE alert_incident.hook = $1 AND alert_incident.event = 'late' \
         AND alert_incident.subject = {table}.job AND alert_incident.counted_to >= {table}.scheduled_for)"
    )
}

fn scheduled_run(row: &QueryResult) -> Result<ScheduledRun, DbError> {
    Ok(ScheduledRun {
        id: row.try_get("", "id")?,
        job: row.try_get("", "job")?,
        scheduled_for: row.try_get("", "scheduled_for")?,
        started_at: row.try_get("", "started_at")?,
    })
}
