//! The tasks of a run, several at once: a window that slides over them in the order of planning.

use std::{collections::VecDeque, sync::Arc};

use tokio::{
    sync::Semaphore,
    task::{JoinError, JoinSet},
};
use tracing::Instrument as _;

use super::{
    Shared,
    attempt::{Attempts, TaskEnd, Todo},
    stop::{Stop, StopReason},
};
use crate::jobs::{context::RunContext, registry::Registered, task::TaskState};

/// Performs the tasks, `parallel` at once, until all have ended or the run is stopped. True when all have ended.
/// Dropping the future drops the tasks.
pub async fn perform_all(
    shared: &Shared,
    registered: &Registered,
    context: &RunContext,
    parallel: usize,
    unfinished: Vec<Todo>,
    stop: &Stop,
) -> bool {
    let permits = Arc::new(Semaphore::new(parallel));
    let attempts = Arc::new(Attempts {
        job: Arc::clone(&registered.job),
        database: shared.database.clone(),
        metrics: Arc::clone(&shared.metrics),
        context: context.clone(),
        settling: stop.settling().clone(),
        permits: Arc::clone(&permits),
        max: registered.settings.max_attempts,
        backoff: registered.settings.retry_backoff,
    });
    let (mut waiting, mut tasks, mut all) = (VecDeque::from(unfinished), JoinSet::new(), true);
    loop {
        tokio::select! {
            biased;
            () = stop.token().cancelled(), if !waiting.is_empty() => {
                waiting.clear();
                all = false;
            }
            () = stop.settling().cancelled(), if !waiting.is_empty() => {
                waiting.clear();
                all = false;
            }
            Some(ended) = tasks.join_next() => all &= note(shared, registered, ended, stop),
            Ok(permit) = Arc::clone(&permits).acquire_owned(), if !waiting.is_empty() => {
                let Some(todo) = waiting.pop_front() else { continue };
                let (attempts, span) = (Arc::clone(&attempts), tracing::info_span!("task", key = %todo.key));
                tasks.spawn(async move { attempts.perform(todo, permit).await }.instrument(span));
            }
            else => return all,
        }
    }
}

/// Counts how a task ended. False when it has to be done yet.
fn note(shared: &Shared, registered: &Registered, ended: Result<TaskEnd, JoinError>, stop: &Stop) -> bool {
    let job = registered.name();
    stop.progress().notify_one();
    match ended {
        Ok(TaskEnd::Succeeded) => shared.metrics.task_ended(job, TaskState::Succeeded.as_str()),
        Ok(TaskEnd::Failed) => shared.metrics.task_ended(job, TaskState::Failed.as_str()),
        Ok(TaskEnd::Settled) => {}
        Ok(TaskEnd::Stopped) => return false,
        Ok(TaskEnd::FenceLost) => {
            shared.fence_rejected(job);
            stop.trigger(StopReason::LeaseLost);
            return false;
        }
        // Panics of a job are caught where it is performed; this is one of the executor itself.
        Err(error) => {
            tracing::error!(%error, "a task ended abnormally");
            return false;
        }
    }
    true
}
