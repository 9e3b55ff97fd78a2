//! Planning many jobs in one transaction: their rows locked in one order, their ticks and runs written together.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use super::{
    job_states::{self, JobState},
    rows,
};
use crate::{
    db::{Connection, DbError, Dialect, all, execute, instant_text},
    jobs::{run::RunState, tick::Tick},
};

/// The rows of jobs as they are now, held off from other planners, claims and triggers until the transaction ends.
/// Every planner locks in the order of names, so that none waits for another in a circle.
///
/// # Errors
/// What the database says.
pub async fn lock_jobs(connection: &impl Connection, jobs: &[&str]) -> Result<Vec<JobState>, DbError> {
    let dialect = Dialect::of(connection);
    let sql = format!(
        "SELECT {} FROM job_state WHERE job IN {} ORDER BY job {}",
        job_states::COLUMNS,
        dialect.texts("$1"),
        dialect.for_update()
    );
    all(connection, &sql, [json!(jobs).to_string().into()]).await?.iter().map(job_states::state).collect()
}

/// Which of the jobs have runs that are queued, or whose owner is alive by its lease. Those of backfills do not count.
///
/// # Errors
/// What the database says.
pub async fn live_states(
    connection: &impl Connection,
    jobs: &[&str],
) -> Result<HashMap<String, HashSet<RunState>>, DbError> {
    let dialect = Dialect::of(connection);
    let sql = format!(
        "SELECT DISTINCT job, state FROM run WHERE job IN {} AND trigger <> 'backfill' AND (state = 'queued' \
         OR (state IN ('running', 'cancelling') AND lease_until > {}))",
        dialect.texts("$1"),
        dialect.now()
    );
    let mut live: HashMap<String, HashSet<RunState>> = HashMap::new();
    for row in all(connection, &sql, [json!(jobs).to_string().into()]).await? {
        let state = rows::word(RunState::parse, &row.try_get::<String>("", "state")?)?;
        live.entry(row.try_get("", "job")?).or_default().insert(state);
    }
    Ok(live)
}

/// Records ticks. Gives those that had no record yet: nothing may come of the others a second time.
///
/// # Errors
/// What the database says.
pub async fn record_ticks(
    connection: &impl Connection,
    ticks: &[(&str, Tick)],
) -> Result<HashSet<(String, DateTime<Utc>)>, DbError> {
    let dialect = Dialect::of(connection);
    let table = dialect.rows(
        "$1",
        &[
            ("job", "text"),
            ("scheduled_for", "timestamptz"),
            ("outcome", "text"),
            ("run_id", "text"),
            ("lateness_ms", "bigint"),
        ],
    );
    let sql = format!(
        "INSERT INTO tick (job, scheduled_for, outcome, run_id, lateness_ms, recorded_at) \
         SELECT r.job, r.scheduled_for, r.outcome, r.run_id, r.lateness_ms, {} FROM {table} WHERE true \
         ON CONFLICT (job, scheduled_for) DO NOTHING RETURNING job, scheduled_for",
        dialect.now()
    );
    let given: Json = ticks.iter().map(|(job, tick)| tick_row(job, tick)).collect();
    let new = all(connection, &sql, [given.to_string().into()]).await?;
    new.iter().map(|row| Ok((row.try_get("", "job")?, row.try_get("", "scheduled_for")?))).collect()
}

fn tick_row(job: &str, tick: &Tick) -> Json {
    json!({
        "job": job,
        "scheduled_for": instant_text(tick.scheduled_for),
        "outcome": tick.outcome.as_str(),
        "run_id": tick.run_id.as_ref().map(crate::jobs::run::RunId::as_str),
        "lateness_ms": tick.lateness_ms,
    })
}

/// Moves the cursors of jobs whose rows are locked.
///
/// # Errors
/// What the database says.
pub async fn advance_cursors(connection: &impl Connection, to: &[(&str, DateTime<Utc>)]) -> Result<(), DbError> {
    let dialect = Dialect::of(connection);
    let table = dialect.rows("$1", &[("job", "text"), ("cursor_at", "timestamptz")]);
    let sql = format!(
        "UPDATE job_state SET cursor_at = r.cursor_at, updated_at = {} FROM {table} WHERE job_state.job = r.job",
        dialect.now()
    );
    let given: Json = to.iter().map(|(job, at)| json!({"job": job, "cursor_at": instant_text(*at)})).collect();
    execute(connection, &sql, [given.to_string().into()]).await.map(drop)
}
