//! A job as people look at it: configuration, durable state and last run together.

use chrono::{DateTime, Utc};

use crate::{
    db::{Connection, DbError},
    jobs::{
        Registered, Registry, Run,
        store::{self, JobState},
    },
};

/// How many ticks are shown ahead.
const AHEAD: usize = 5;

/// One job.
#[derive(Clone, Debug)]
pub struct JobOverview {
    pub name: &'static str,
    pub description: &'static str,
    pub schedule: String,
    pub timezone: &'static str,
    /// Schedule, zone and jitter as a sentence.
    pub schedule_in_words: String,
    pub enabled: bool,
    pub paused: bool,
    /// Empty while the job is disabled. A paused job keeps its ticks: they are recorded as skipped.
    pub next_runs: Vec<DateTime<Utc>>,
    pub last_run: Option<Run>,
    pub last_success_at: Option<DateTime<Utc>>,
}

/// The jobs whose names come after `after`, at most `most`, by name.
///
/// # Errors
/// What the database says.
pub async fn overviews(
    connection: &impl Connection,
    registry: &Registry,
    now: DateTime<Utc>,
    after: Option<&str>,
    most: usize,
) -> Result<Vec<JobOverview>, DbError> {
    let states = store::list_jobs(connection).await?;
    let mut found = Vec::new();
    let jobs = registry.all();
    for registered in jobs.iter().filter(|job| after.is_none_or(|after| job.name() > after)).take(most) {
        let name = registered.name();
        let state = states.iter().find(|state| state.job == name);
        found.push(overview(registered, state, store::last_run(connection, name).await?, now));
    }
    Ok(found)
}

/// One job by its registration.
///
/// # Errors
/// What the database says.
pub async fn one(
    connection: &impl Connection,
    registered: &Registered,
    now: DateTime<Utc>,
) -> Result<JobOverview, DbError> {
    let name = registered.job.name();
    let state = store::find_job(connection, name).await?;
    Ok(overview(registered, state.as_ref(), store::last_run(connection, name).await?, now))
}

fn overview(
    registered: &Registered,
    state: Option<&JobState>,
    last_run: Option<Run>,
    now: DateTime<Utc>,
) -> JobOverview {
    let settings = &registered.settings;
    JobOverview {
        name: registered.job.name(),
        description: registered.job.description(),
        schedule: settings.schedule.clone(),
        timezone: settings.timezone.name(),
        schedule_in_words: registered.in_words.clone(),
        enabled: settings.enabled,
        paused: state.is_some_and(|state| state.paused),
        next_runs: if settings.enabled { (registered.upcoming)(now, AHEAD) } else { Vec::new() },
        last_run,
        last_success_at: state.and_then(|state| state.last_success_at),
    }
}
