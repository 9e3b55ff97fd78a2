//! The tasks of a run, several at once.

use std::sync::Arc;

use tokio::{sync::Semaphore, task::JoinSet};
use tracing::Instrument as _;

use super::{
    Shared,
    attempt::{Attempts, TaskEnd},
    stop::{Stop, StopReason},
};
use crate::jobs::{context::RunContext, registry::Registered, task::TaskState};

/// Performs the tasks, as many at once as the run or else its job allows, until all have ended or the run is stopped.
/// Dropping the future drops the tasks.
pub async fn perform_all(
    shared: &Shared,
    registered: &Registered,
    context: &RunContext,
    parallel: Option<u32>,
    unfinished: Vec<(String, u32)>,
    stop: &Stop,
) {
    let parallel = parallel.unwrap_or(registered.settings.parallel);
    let permits = Arc::new(Semaphore::new(parallel.max(1) as usize));
    let mut tasks = JoinSet::new();
    for (key, attempts) in unfinished {
        let span = tracing::info_span!("task", key = %key);
        let task = Attempts {
            job: Arc::clone(&registered.job),
            database: shared.database.clone(),
            metrics: Arc::clone(&shared.metrics),
            context: context.clone(),
            settling: stop.settling().clone(),
            permits: Arc::clone(&permits),
            max: registered.settings.max_attempts,
            backoff: registered.settings.retry_backoff,
        };
        tasks.spawn(async move { task.perform(key, attempts).await }.instrument(span));
    }
    let job = registered.job.name();
    while let Some(ended) = tasks.join_next().await {
        stop.progress().notify_one();
        match ended {
            Ok(TaskEnd::Succeeded) => shared.metrics.task_ended(job, TaskState::Succeeded.as_str()),
            Ok(TaskEnd::Failed) => shared.metrics.task_ended(job, TaskState::Failed.as_str()),
            Ok(TaskEnd::Stopped) => {}
            Ok(TaskEnd::FenceLost) => {
                shared.metrics.fence_rejected(job);
                stop.trigger(StopReason::LeaseLost);
            }
            // Panics of a job are caught where it is performed; this is one of the executor itself.
            Err(error) => tracing::error!(%error, "a task ended abnormally"),
        }
    }
}
