//! `/runs`: what ran and what runs, its tasks, events and log, ending it and repeating its failed tasks.

mod cancel;
mod events;
mod follow;
mod list;
mod log_stream;
mod log_text;
mod logs;
mod one;
mod refused;
mod retry;
mod tasks;
mod wait;
mod wire;

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa_axum::routes;

use super::{
    extract::none_of,
    problem::{Answer, Problem},
    routes::Routes,
};
use crate::{
    jobs::{
        Run, RunId, Triggers,
        store::{self, RunFilter},
    },
    metrics::Metrics,
    settings::shown,
    told,
};

pub use refused::refused;
pub use wait::Waiter;
pub use wire::RunJson;

/// Event streams of one process at once: each asks the database twice a second.
const MOST_STREAMS: usize = 128;

/// What the handlers of `/runs` need.
#[derive(Clone)]
pub struct RunsState {
    /// Knows the database, the time, and when to stop waiting.
    waiter: Waiter,
    triggers: Triggers,
    metrics: Arc<Metrics>,
    streams: Arc<Semaphore>,
}

pub fn routes() -> Routes<RunsState> {
    Routes::new()
        .tag("runs", "What ran and what runs, its tasks, events and log, ending it and repeating its failed tasks.")
        .api(routes!(list::list))
        .api(routes!(one::one))
        .api(routes!(tasks::list))
        .api(routes!(events::events))
        .api(routes!(logs::logs))
        .api(routes!(cancel::cancel))
        .api(routes!(retry::retry))
}

impl RunsState {
    pub fn new(waiter: Waiter, triggers: Triggers, metrics: Arc<Metrics>) -> Self {
        Self { waiter, triggers, metrics, streams: Arc::new(Semaphore::new(MOST_STREAMS)) }
    }

    async fn find(&self, id: &RunId) -> Answer<Run> {
        let run = store::find_run(self.waiter.database.connection(), id).await?;
        run.ok_or_else(|| unknown_run(id))
    }

    /// Refuses the name of a job that there is not, and of which there is no run either.
    async fn judge_job(&self, job: &str) -> Answer<()> {
        let registry = self.triggers.registry();
        let any = RunFilter { job: Some(job.to_owned()), limit: 1, ..RunFilter::default() };
        if registry.find(job).is_some() || !store::list_runs(self.waiter.database.connection(), &any).await?.is_empty()
        {
            return Ok(());
        }
        let names: Vec<&str> = registry.all().iter().map(|registered| registered.name()).collect();
        Err(Problem::bad_request("job", none_of(&shown(job), &names)))
    }

    /// The right to one more event stream.
    fn stream(&self) -> Answer<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.streams).try_acquire_owned();
        permit.map_err(|_| {
            Problem::unavailable(told!(
                "too many event streams are open",
                "開いているイベントストリームが多すぎます。しばらくしてからもう一度お試しください"
            ))
        })
    }
}

/// Where a run is found.
pub fn path(id: &RunId) -> String {
    format!("/runs/{id}")
}

fn unknown_run(id: &RunId) -> Problem {
    Problem::not_found(told!(
        "there is no run {id}; GET /runs lists them",
        "実行 {id} はありません。一覧は GET /runs で見られます"
    ))
}
