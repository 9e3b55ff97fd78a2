//! One task, tried until it succeeds, fails for good, or the run is stopped.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::{
    db::{Database, pause, persist},
    jobs::{
        context::{RunContext, TaskContext},
        job::{Job, TaskError},
        store,
    },
    metrics::Metrics,
};

/// The longest wait between two attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(15 * 60);

pub enum TaskEnd {
    Succeeded,
    Failed,
    /// The run was stopped; the task stays unfinished.
    Stopped,
    FenceLost,
}

pub struct Attempts {
    pub job: Arc<dyn Job>,
    pub database: Database,
    pub metrics: Arc<Metrics>,
    pub context: RunContext,
    /// Cancelled when no further attempt may begin.
    pub settling: CancellationToken,
    pub permits: Arc<Semaphore>,
    pub max: u32,
    pub backoff: Duration,
}

impl Attempts {
    pub async fn perform(&self, key: String, mut attempts: u32) -> TaskEnd {
        let task = TaskContext { run: self.context.clone(), key };
        loop {
            let error = match self.attempt(&task, attempts + 1).await {
                Ok(()) => return TaskEnd::Succeeded,
                Err(TaskError::FenceLost) => return TaskEnd::FenceLost,
                Err(TaskError::Cancelled) => return TaskEnd::Stopped,
                Err(error) => error,
            };
            if self.context.cancel.is_cancelled() {
                return TaskEnd::Stopped;
            }
            if let TaskError::Unavailable(error) = &error {
                tracing::warn!(%error, "the database is away; the task waits for it");
                if !pause(&self.context.cancel).await {
                    return TaskEnd::Stopped;
                }
                continue;
            }
            attempts += 1;
            match error {
                TaskError::Retry { after, error } if attempts < self.max => {
                    let wait = after.unwrap_or_else(|| jittered(self.backoff, attempts, fastrand::f64()));
                    if !self.postpone(&task, &error, wait).await {
                        return TaskEnd::Stopped;
                    }
                }
                error => return self.fail(&task, &error).await,
            }
        }
    }

    async fn attempt(&self, task: &TaskContext, number: u32) -> Result<(), TaskError> {
        let cancel = &self.context.cancel;
        let _permit = tokio::select! {
            biased;
            () = self.settling.cancelled() => return Err(TaskError::Cancelled),
            permit = self.permits.acquire() => permit.map_err(|_| TaskError::Cancelled)?,
            () = cancel.cancelled() => return Err(TaskError::Cancelled),
        };
        if !store::start_task(self.database.connection(), &self.context.fence, &task.key, number).await? {
            return Err(TaskError::FenceLost);
        }
        let performed = AssertUnwindSafe(self.job.perform(task)).catch_unwind().await;
        let done = performed.unwrap_or_else(|panic| {
            Err(TaskError::Fatal(anyhow::anyhow!("the job panicked: {}", panic_message(panic.as_ref()))))
        })?;
        let report = done.report();
        tracing::debug!(source = report.source, fetched = report.rows.fetched, message = report.message, "task done");
        Ok(())
    }

    /// Waits before the next attempt. False when the run was stopped meanwhile.
    async fn postpone(&self, task: &TaskContext, error: &anyhow::Error, wait: Duration) -> bool {
        tracing::warn!(error = format!("{error:#}"), wait_ms = wait.as_millis(), "task will be tried again");
        self.metrics.task_retried(self.job.name());
        let text = format!("{error:#}");
        let connection = self.database.connection();
        if let Err(error) = store::postpone_task(connection, &self.context.fence, &task.key, &text).await {
            tracing::debug!(%error, "the reason for the retry could not be written");
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => true,
            () = self.context.cancel.cancelled() => false,
            () = self.settling.cancelled() => false,
        }
    }

    async fn fail(&self, task: &TaskContext, error: &TaskError) -> TaskEnd {
        let text = chain(error);
        tracing::error!(error = text, "task failed");
        let write = || store::fail_task(&self.database, &self.context.fence, &task.key, &text);
        match persist(write, &self.context.cancel).await {
            Some(Ok(true)) => TaskEnd::Failed,
            Some(Ok(false)) => TaskEnd::FenceLost,
            Some(Err(error)) => {
                tracing::error!(%error, "the task's failure could not be written");
                TaskEnd::Stopped
            }
            None => TaskEnd::Stopped,
        }
    }
}

/// Exponential backoff with full jitter: `random` times `base · 2^(attempt-1)`, capped.
/// (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.)
fn jittered(base: Duration, attempt: u32, random: f64) -> Duration {
    let ceiling = base.saturating_mul(1_u32 << attempt.saturating_sub(1).min(16)).min(MAX_BACKOFF);
    ceiling.mul_f64(random)
}

fn chain(error: &TaskError) -> String {
    match error {
        TaskError::Retry { error, .. } | TaskError::Fatal(error) => format!("{error:#}"),
        other => other.to_string(),
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_and_is_capped() {
        let base = Duration::from_secs(30);
        assert_eq!(jittered(base, 1, 1.0), base);
        assert_eq!(jittered(base, 3, 1.0), base * 4);
        assert_eq!(jittered(base, 60, 1.0), MAX_BACKOFF);
        assert_eq!(jittered(base, 3, 0.0), Duration::ZERO);
    }
}
