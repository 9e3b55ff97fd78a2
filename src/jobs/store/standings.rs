//! How each job stands, over all replicas: what is measured of it again and again.

use chrono::{DateTime, Utc};

use super::job_states::{COLUMNS, JobState, state};
use crate::db::{Connection, DbError, all};

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
}

/// Every job that was ever planned.
///
/// # Errors
/// What the database says.
pub async fn standings(connection: &impl Connection) -> Result<Vec<Standing>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS}, \
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
            })
        })
        .collect()
}
