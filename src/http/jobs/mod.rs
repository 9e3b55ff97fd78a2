//! `/jobs`: what can run, when it does, and starting, pausing and resuming it.

pub mod body;
pub mod described;
mod job_path;
mod list;
mod overview;
mod pause;
pub mod request;
mod run;
mod ticks;
mod wire;

use std::sync::Arc;

use utoipa_axum::routes;

use super::{
    problem::{Answer, Problem},
    routes::Routes,
    runs::Waiter,
};
use crate::{
    clock::Clock,
    db::Database,
    jobs::{Registered, Registry, Triggers},
    metrics::Metrics,
    settings::shown,
    told,
};

pub use job_path::JobInPath;
pub use overview::{JobOverview, overviews};
pub use run::{KeyInHeader, idempotency_key};

/// What the handlers of `/jobs` need.
#[derive(Clone)]
pub struct JobsState {
    pub database: Database,
    pub registry: Registry,
    pub triggers: Triggers,
    pub metrics: Arc<Metrics>,
    pub clock: Clock,
    pub waiter: Waiter,
}

pub fn routes() -> Routes<JobsState> {
    Routes::new()
        .tag("jobs", "What can run, when it does, and starting, pausing and resuming it.")
        .api(routes!(list::list))
        .api(routes!(list::one))
        .api(routes!(ticks::list))
        .api(routes!(run::run))
        .api(routes!(pause::pause))
        .api(routes!(pause::resume))
}

impl JobsState {
    fn find(&self, job: &str) -> Answer<Arc<Registered>> {
        self.registry.find(job).ok_or_else(|| unknown_job(job))
    }
}

/// 404.
pub fn unknown_job(job: &str) -> Problem {
    let job = shown(job);
    Problem::not_found(told!(
        "there is no job {job}; GET /jobs lists them",
        "ジョブ {job} はありません。一覧は GET /jobs で見られます"
    ))
}
