//! How each job stands, over all replicas: what is measured of it again and again.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::job_states::{COLUMNS, JobState, state};
use crate::db::{Connection, DbError, Dialect, all};

/// Runs that began or ended so long ago are recent.
const RECENT: Duration = Duration::from_hours(6);
/// In the words of the index of such runs.
const TROUBLED: &str = "run.state IN ('failed', 'timed_out', 'partial', 'lost')";

/// How a job stands.
#[derive(Clone, Debug)]
pub struct Standing {
    pub state: JobState,
    /// When its oldest active run began; parts of backfills last as long as they last.
    pub running_since: Option<DateTime<Utc>>,
    /// Runs that wait for a process.
    pub queued: u32,
    /// The oldest due instant after the last success, or of all, that was not passed over for a pause.
    pub due_since: Option<DateTime<Utc>>,
    /// How often its recent runs were taken from an owner that vanished, the last time of a lost one included.
    pub recent_takeovers: u32,
    /// When a run last ended as partial, after the last success.
    pub last_partial_at: Option<DateTime<Utc>>,
}

/// Every job that was ever planned.
///
/// # Errors
/// What the database says.
pub async fn standings(connection: &impl Connection) -> Result<Vec<Standing>, DbError> {
    let takeovers = recent_takeovers(Dialect::of(connection));
    let sql = format!(
        "SELECT {COLUMNS}, {takeovers} AS recent_takeovers, \
         (SELECT run.finished_at FROM run WHERE run.job = job_state.job AND {TROUBLED} AND run.state = 'partial' \
         AND (job_state.last_success_at IS NULL OR run.finished_at > job_state.last_success_at) \
         ORDER BY run.finished_at DESC LIMIT 1) AS last_partial_at, \
         (SELECT min(run.started_at) FROM run WHERE run.job = job_state.job AND run.state IN ('running', 'cancelling') \
         AND run.trigger <> 'backfill') AS running_since, \
         (SELECT count(*) FROM run WHERE run.job = job_state.job AND run.state = 'queued') AS queued, \
         (SELECT tick.scheduled_for FROM tick WHERE tick.job = job_state.job AND tick.outcome <> 'skipped_paused' \
         AND (job_state.last_success_at IS NULL OR tick.scheduled_for > job_state.last_success_at) \
         ORDER BY tick.scheduled_for LIMIT 1) AS due_since \
         FROM job_state ORDER BY job"
    );
    let found = all(connection, &sql, []).await?;
    found
        .iter()
        .map(|row| {
            Ok(Standing {
                state: state(row)?,
                running_since: row.try_get("", "running_since")?,
                queued: u32::try_from(row.try_get::<i64>("", "queued")?).unwrap_or(u32::MAX),
                due_since: row.try_get("", "due_since")?,
                recent_takeovers: u32::try_from(row.try_get::<i64>("", "recent_takeovers")?).unwrap_or(u32::MAX),
                last_partial_at: row.try_get("", "last_partial_at")?,
            })
        })
        .collect()
}

/// How often the recent runs of a job were taken over: all attempts but the first. No row says when that was, so a run
/// counts while it, or its end, is recent; each part is answered by an index. A run that somebody cancelled has ended
/// as it should.
fn recent_takeovers(dialect: Dialect) -> String {
    let since = dialect.now_minus(RECENT);
    let live = format!("run.state IN ('queued', 'running', 'cancelling') AND run.started_at > {since}");
    let succeeded = format!("run.state = 'succeeded' AND run.finished_at > {since}");
    let troubled = format!("{TROUBLED} AND run.finished_at > {since}");
    let of_them = [live, succeeded, troubled].map(|which| {
        format!(
            "(SELECT COALESCE(sum(run.attempt - 1), 0) FROM run \
             WHERE run.job = job_state.job AND run.attempt > 1 AND {which})"
        )
    });
    of_them.join(" + ")
}
