//! Planning many jobs in one transaction: their rows locked in one order, their ticks and runs written together.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use serde_json::{Value as Json, json};

use super::{
    job_states::{self, JobState},
    leases::occupies,
    runs::{NewRun, insert_runs, inserted, insertion},
};
use crate::{
    db::{Connection, DbError, Dialect, Transaction, all, execute, instant_text},
    jobs::{Claimant, run::RunId, tick::Tick},
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

/// The runs of a job that exist when its ticks are judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// One is being executed by an owner whose lease lives.
    pub running: bool,
    /// One waits in the queue.
    pub waiting: bool,
    /// A part of a backfill is being executed. It counts for nothing else: it gives way as soon as a run waits.
    pub backfilling: bool,
}

/// The live runs of jobs; a job without any is left out.
///
/// # Errors
/// What the database says.
pub async fn live_jobs(connection: &impl Connection, jobs: &[&str]) -> Result<HashMap<String, Live>, DbError> {
    let dialect = Dialect::of(connection);
    let sql = format!(
        "SELECT DISTINCT job, CASE WHEN trigger = 'backfill' THEN 1 ELSE 0 END AS backfill, \
         CASE WHEN state = 'queued' THEN 1 ELSE 0 END AS queued FROM run WHERE job IN {} AND (state = 'queued' \
         OR ({}))",
        dialect.texts("$1"),
        occupies(dialect, "run")
    );
    let mut live: HashMap<String, Live> = HashMap::new();
    for row in all(connection, &sql, [json!(jobs).to_string().into()]).await? {
        let job = live.entry(row.try_get("", "job")?).or_default();
        match (row.try_get::<i32>("", "backfill")? == 1, row.try_get::<i32>("", "queued")? == 1) {
            (true, queued) => job.backfilling |= !queued,
            (false, true) => job.waiting = true,
            (false, false) => job.running = true,
        }
    }
    Ok(live)
}

/// What is written about due ticks.
#[derive(Clone, Copy, Debug)]
pub struct Due<'a> {
    pub ticks: &'a [(&'a str, Tick)],
    /// The runs of those ticks that cause one, claimed already or not.
    pub runs: &'a [(&'a NewRun<'a>, bool)],
    pub claimant: &'a Claimant,
    /// Up to where the ticks of each job have their records now. The jobs' rows are locked.
    pub cursors: &'a [(&'a str, DateTime<Utc>)],
}

/// Records ticks, makes their runs and moves the cursors. Gives the ticks that had no record yet: nothing comes of the
/// others a second time.
///
/// # Errors
/// What the database says.
pub async fn record_due(transaction: &Transaction, due: Due<'_>) -> Result<HashSet<(String, DateTime<Utc>)>, DbError> {
    let Due { ticks, runs, claimant, cursors } = due;
    let moved: Json = cursors.iter().map(|(job, at)| json!({"job": job, "cursor_at": instant_text(*at)})).collect();
    let dialect = Dialect::of(transaction);
    if dialect == Dialect::Sqlite {
        let new = record_ticks(transaction, ticks).await?;
        let is_new = |run: &NewRun<'_>| run.scheduled_for.is_some_and(|at| new.contains(&(run.job.to_owned(), at)));
        let runs: Vec<_> = runs.iter().copied().filter(|(run, _)| is_new(run)).collect();
        insert_runs(transaction, &runs, &claimant.owner, claimant.lease).await?;
        execute(transaction, &advance(dialect, "$1"), [moved.to_string().into()]).await?;
        return Ok(new);
    }
    let sql = format!(
        "WITH new AS ({} RETURNING job, scheduled_for), made AS ({} \
         JOIN new ON new.job = r.job AND new.scheduled_for = r.scheduled_for), moved AS ({}) \
         SELECT job, scheduled_for FROM new",
        insert_ticks(dialect, "$1"),
        insertion(dialect, claimant.lease, ["$2", "$3"]),
        advance(dialect, "$4")
    );
    let values = [
        tick_rows(ticks).to_string().into(),
        inserted(runs)?.to_string().into(),
        claimant.owner.clone().into(),
        moved.to_string().into(),
    ];
    recorded(&all(transaction, &sql, values).await?)
}

/// Records ticks. Gives those that had no record yet.
///
/// # Errors
/// What the database says.
pub async fn record_ticks(
    connection: &impl Connection,
    ticks: &[(&str, Tick)],
) -> Result<HashSet<(String, DateTime<Utc>)>, DbError> {
    let sql = format!("{} RETURNING job, scheduled_for", insert_ticks(Dialect::of(connection), "$1"));
    recorded(&all(connection, &sql, [tick_rows(ticks).to_string().into()]).await?)
}

fn recorded(rows: &[QueryResult]) -> Result<HashSet<(String, DateTime<Utc>)>, DbError> {
    rows.iter().map(|row| Ok((row.try_get("", "job")?, row.try_get("", "scheduled_for")?))).collect()
}

const TICKS: [(&str, &str); 5] = [
    ("job", "text"),
    ("scheduled_for", "timestamptz"),
    ("outcome", "text"),
    ("run_id", "text"),
    ("lateness_ms", "bigint"),
];

fn insert_ticks(dialect: Dialect, place: &str) -> String {
    format!(
        "INSERT INTO tick (job, scheduled_for, outcome, run_id, lateness_ms, recorded_at) \
         SELECT r.job, r.scheduled_for, r.outcome, r.run_id, r.lateness_ms, {} FROM {} WHERE true \
         ON CONFLICT (job, scheduled_for) DO NOTHING",
        dialect.now(),
        dialect.rows(place, &TICKS)
    )
}

fn tick_rows(ticks: &[(&str, Tick)]) -> Json {
    let row = |(job, tick): &(&str, Tick)| {
        json!({
            "job": job,
            "scheduled_for": instant_text(tick.scheduled_for),
            "outcome": tick.outcome.as_str(),
            "run_id": tick.run_id.as_ref().map(RunId::as_str),
            "lateness_ms": tick.lateness_ms,
        })
    };
    ticks.iter().map(row).collect()
}

fn advance(dialect: Dialect, place: &str) -> String {
    format!(
        "UPDATE job_state SET cursor_at = r.cursor_at, updated_at = {} FROM {} WHERE job_state.job = r.job",
        dialect.now(),
        dialect.rows(place, &[("job", "text"), ("cursor_at", "timestamptz")])
    )
}
