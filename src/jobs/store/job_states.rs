//! What outlives a process about each job.

use chrono::{DateTime, Utc};
use sea_orm::{QueryResult, Value};

use crate::db::{Connection, DbError, Dialect, all, execute, one};

/// What a job's ticks follow from. Another one makes other ticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSchedule {
    /// A cron expression, or [`DISABLED`](Self::DISABLED).
    pub expression: String,
    pub timezone: String,
    /// By which jitter moves every tick.
    pub offset_ms: i64,
}

impl JobSchedule {
    /// Stands for the schedule of a disabled job: enabling it then counts as a new one.
    pub const DISABLED: &str = "(disabled)";

    fn values(&self) -> [Value; 3] {
        [self.expression.as_str().into(), self.timezone.as_str().into(), self.offset_ms.into()]
    }
}

/// A job's durable state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobState {
    pub job: String,
    pub schedule: JobSchedule,
    /// Every tick up to here has its record.
    pub cursor: DateTime<Utc>,
    pub paused: bool,
    pub last_success_at: Option<DateTime<Utc>>,
}

pub(super) const COLUMNS: &str = "job, schedule, timezone, offset_ms, cursor_at, paused, last_success_at";

/// Makes the row of a job met for the first time: its ticks count from `now` on.
///
/// # Errors
/// What the database says.
pub async fn ensure_job(
    connection: &impl Connection,
    job: &str,
    schedule: &JobSchedule,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let written = Dialect::of(connection).now();
    let sql = format!(
        "INSERT INTO job_state (job, cursor_at, schedule, timezone, offset_ms, paused, updated_at) \
         VALUES ($1, $2, $3, $4, $5, false, {written}) ON CONFLICT (job) DO NOTHING"
    );
    let values = [job.into(), now.into()].into_iter().chain(schedule.values());
    execute(connection, &sql, values).await.map(drop)
}

/// # Errors
/// What the database says.
pub async fn find_job(connection: &impl Connection, job: &str) -> Result<Option<JobState>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM job_state WHERE job = $1");
    one(connection, &sql, [job.into()]).await?.as_ref().map(state).transpose()
}

/// # Errors
/// What the database says.
pub async fn list_jobs(connection: &impl Connection) -> Result<Vec<JobState>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM job_state ORDER BY job");
    all(connection, &sql, []).await?.iter().map(state).collect()
}

/// Holds off other planners, claims and triggers of the job until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn lock_job(connection: &impl Connection, job: &str) -> Result<(), DbError> {
    let sql = format!("SELECT job FROM job_state WHERE job = $1 {}", Dialect::of(connection).for_update());
    one(connection, &sql, [job.into()]).await.map(drop)
}

/// Another schedule: its ticks count from `now` on, and nothing of the time before is replayed.
///
/// # Errors
/// What the database says.
pub async fn set_schedule(
    connection: &impl Connection,
    seen: &JobState,
    schedule: &JobSchedule,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let written = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE job_state SET cursor_at = $1, schedule = $2, timezone = $3, offset_ms = $4, updated_at = {written} \
         WHERE job = $5 AND schedule = $6 AND timezone = $7 AND offset_ms = $8"
    );
    let values = [Value::from(now)].into_iter().chain(schedule.values());
    let values = values.chain([seen.job.as_str().into()]).chain(seen.schedule.values());
    Ok(execute(connection, &sql, values).await? == 1)
}

/// Pauses or resumes. False when the job was so already, or has no row.
///
/// # Errors
/// What the database says.
pub async fn set_paused(connection: &impl Connection, job: &str, paused: bool) -> Result<bool, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!("UPDATE job_state SET paused = $1, updated_at = {now} WHERE job = $2 AND paused <> $1");
    Ok(execute(connection, &sql, [paused.into(), job.into()]).await? == 1)
}

pub(super) fn state(row: &QueryResult) -> Result<JobState, DbError> {
    Ok(JobState {
        job: row.try_get("", "job")?,
        schedule: JobSchedule {
            expression: row.try_get("", "schedule")?,
            timezone: row.try_get("", "timezone")?,
            offset_ms: row.try_get("", "offset_ms")?,
        },
        cursor: row.try_get("", "cursor_at")?,
        paused: row.try_get("", "paused")?,
        last_success_at: row.try_get("", "last_success_at")?,
    })
}
