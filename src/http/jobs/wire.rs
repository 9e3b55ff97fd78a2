//! Jobs and ticks as JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::JobOverview;
use crate::{
    http::runs::RunJson,
    jobs::{RunId, Tick, TickOutcome},
};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Job)]
pub struct JobJson {
    name: &'static str,
    description: &'static str,
    /// Five or six fields of cron, or a word such as `@daily`.
    #[schema(example = "0 18 * * Mon-Fri")]
    schedule: String,
    #[schema(example = "Asia/Tokyo")]
    timezone: &'static str,
    schedule_in_words: String,
    enabled: bool,
    paused: bool,
    /// The next five ticks; none while it is disabled.
    next_runs: Vec<DateTime<Utc>>,
    last_run: Option<RunJson>,
    /// When a run last succeeded that was no dry run.
    last_success_at: Option<DateTime<Utc>>,
    links: Links,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobLinks)]
struct Links {
    #[serde(rename = "self")]
    own: String,
    ticks: String,
    runs: String,
    backfills: String,
}

impl JobJson {
    pub fn new(job: JobOverview, now: DateTime<Utc>) -> Self {
        let name = job.name;
        Self {
            name,
            description: job.description,
            schedule: job.schedule,
            timezone: job.timezone,
            schedule_in_words: job.schedule_in_words,
            enabled: job.enabled,
            paused: job.paused,
            next_runs: job.next_runs,
            last_run: job.last_run.map(|run| RunJson::new(run, now)),
            last_success_at: job.last_success_at,
            links: Links {
                own: format!("/jobs/{name}"),
                ticks: format!("/jobs/{name}/ticks"),
                runs: format!("/runs?job={name}"),
                backfills: format!("/jobs/{name}/backfills"),
            },
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Tick)]
pub struct TickJson {
    scheduled_for: DateTime<Utc>,
    #[schema(value_type = TickOutcome)]
    outcome: &'static str,
    #[schema(value_type = Option<RunId>)]
    run_id: Option<String>,
    lateness_ms: i64,
}

impl From<Tick> for TickJson {
    fn from(tick: Tick) -> Self {
        Self {
            scheduled_for: tick.scheduled_for,
            outcome: tick.outcome.as_str(),
            run_id: tick.run_id.map(|id| id.to_string()),
            lateness_ms: tick.lateness_ms,
        }
    }
}
