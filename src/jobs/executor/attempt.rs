//! One task, tried until it succeeds, fails for good, or the run is stopped.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tracing::Span;

use crate::{
    db::{Database, persist},
    jobs::{
        context::{RunContext, TaskContext},
        job::{Job, TaskError, TaskReport},
        run::RowCounts,
        store::{self, Written},
    },
    metrics::Metrics,
    outbound::backoff,
    telemetry::trace,
};

/// The longest wait between two attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(15 * 60);

/// The first and the longest wait for a database that does not take what a task writes.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(2 * 60);

pub enum TaskEnd {
    Succeeded,
    Failed,
    /// It had ended before, and was counted then.
    Settled,
    /// The run was stopped; the task stays unfinished.
    Stopped,
    FenceLost,
}

/// A task still to do.
pub struct Todo {
    pub key: String,
    /// Made already.
    pub attempts: u32,
    /// Its record says already that the next attempt has begun.
    pub begun: bool,
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
    /// Performs a task until it ends; `permit` is for the first attempt, the others wait for one of their own.
    pub async fn perform(&self, todo: Todo, permit: OwnedSemaphorePermit) -> TaskEnd {
        let (mut permit, mut attempts, mut begun, mut refused) = (Some(permit), todo.attempts, todo.begun, 0_u32);
        let task = TaskContext { run: self.context.clone(), key: todo.key };
        loop {
            let error = match self.attempt(&task, attempts + 1, begun, permit.take()).await {
                Ok(end) => return end,
                Err(TaskError::FenceLost) => return TaskEnd::FenceLost,
                Err(TaskError::Cancelled) => return TaskEnd::Stopped,
                Err(error) => error,
            };
            begun = false;
            if self.context.cancel.is_cancelled() {
                return TaskEnd::Stopped;
            }
            if let TaskError::Unavailable(error) = &error {
                let wait = wait_for_database(refused, fastrand::f64());
                tracing::warn!(%error, wait_ms = wait.as_millis(), "the database is away; the task waits for it");
                if !self.rest(wait).await {
                    return TaskEnd::Stopped;
                }
                refused = refused.saturating_add(1);
                continue;
            }
            attempts += 1;
            refused = 0;
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

    async fn attempt(
        &self,
        task: &TaskContext,
        number: u32,
        begun: bool,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<TaskEnd, TaskError> {
        let _permit = match permit {
            _ if self.settling.is_cancelled() => return Err(TaskError::Cancelled),
            Some(permit) => permit,
            None => self.wait_for_permit().await?,
        };
        if !begun {
            match store::start_task(self.database.connection(), &self.context.fence, &task.key, number).await? {
                Written::Now => {}
                // The answer to the commit that ended the task was lost.
                Written::Before => return Ok(TaskEnd::Settled),
                Written::NotOurs => return Err(TaskError::FenceLost),
            }
        }
        let performed = AssertUnwindSafe(self.job.perform(task)).catch_unwind().await;
        // Whatever came of it is written into the task's record.
        self.context.recorded().await?;
        let done = performed.unwrap_or_else(|panic| {
            Err(TaskError::Fatal(anyhow::anyhow!("the job panicked: {}", panic_message(panic.as_ref()))))
        })?;
        let report = done.report();
        tell_done(report);
        Ok(TaskEnd::Succeeded)
    }

    async fn wait_for_permit(&self) -> Result<OwnedSemaphorePermit, TaskError> {
        tokio::select! {
            biased;
            () = self.settling.cancelled() => Err(TaskError::Cancelled),
            permit = Arc::clone(&self.permits).acquire_owned() => permit.map_err(|_| TaskError::Cancelled),
            () = self.context.cancel.cancelled() => Err(TaskError::Cancelled),
        }
    }

    /// Waits before the next attempt. False when the run was stopped meanwhile.
    async fn postpone(&self, task: &TaskContext, error: &anyhow::Error, wait: Duration) -> bool {
        tracing::warn!(error = format!("{error:#}"), wait_ms = wait.as_millis(), "task will be tried again");
        self.metrics.task_retried(self.job.name());
        let text = format!("{error:#}").replace('\0', "\u{fffd}");
        let connection = self.database.connection();
        if let Err(error) = store::postpone_task(connection, &self.context.fence, &task.key, &text).await {
            tracing::debug!(%error, "the reason for the retry could not be written");
        }
        self.rest(wait).await
    }

    /// False when the run was stopped meanwhile.
    async fn rest(&self, wait: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(wait) => true,
            () = self.context.cancel.cancelled() => false,
            () = self.settling.cancelled() => false,
        }
    }

    async fn fail(&self, task: &TaskContext, error: &TaskError) -> TaskEnd {
        let text = chain(error);
        tracing::error!(error = text, "task failed");
        trace::failed(&Span::current(), &text);
        let write = || store::fail_task(&self.database, &self.context.fence, &task.key, &text);
        match persist(write, &self.context.cancel).await {
            Some(Ok(Written::Now | Written::Before)) => TaskEnd::Failed,
            Some(Ok(Written::NotOurs)) => TaskEnd::FenceLost,
            Some(Err(error)) => {
                tracing::error!(%error, "the task's failure could not be written");
                TaskEnd::Stopped
            }
            None => TaskEnd::Stopped,
        }
    }
}

/// Most tasks of most runs find nothing to do, and thousands of lines that say so hide the others.
fn tell_done(report: &TaskReport) {
    let TaskReport { source, rows: RowCounts { fetched, inserted, updated, rejected, .. }, message } = report;
    let (note, span) = (message.as_deref(), Span::current());
    trace::text(&span, "source", source.unwrap_or("none"));
    trace::number(&span, "rows.inserted", *inserted);
    trace::number(&span, "rows.updated", *updated);
    trace::number(&span, "rows.rejected", *rejected);
    if note.is_some() || inserted + updated + rejected > 0 {
        tracing::info!(source, fetched, inserted, updated, rejected, note, "task done");
    } else {
        tracing::debug!(source, fetched, "task done");
    }
}

/// Exponential backoff with full jitter: `random` times `base · 2^(attempt-1)`, capped.
/// (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.)
fn jittered(base: Duration, attempt: u32, random: f64) -> Duration {
    let ceiling = base.saturating_mul(1_u32 << attempt.saturating_sub(1).min(16)).min(MAX_BACKOFF);
    ceiling.mul_f64(random)
}

/// How long to wait after so many refusals of the database in a row. They cost no attempt, and what a task fetches before
/// it writes is fetched anew each time: where the writes alone are refused, its source must not be asked each second.
fn wait_for_database(refused: u32, random: f64) -> Duration {
    backoff(refused, FIRST_WAIT, LONGEST_WAIT, 0.5 + random / 2.0)
}

/// The whole of an error as PostgreSQL can keep it, which takes no NUL.
fn chain(error: &TaskError) -> String {
    let text = match error {
        TaskError::Retry { error, .. } | TaskError::Fatal(error) => format!("{error:#}"),
        other => other.to_string(),
    };
    text.replace('\0', "\u{fffd}")
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

    #[test]
    fn a_database_that_goes_on_refusing_is_asked_ever_more_seldom() {
        let waits = |random| [0, 1, 2, 3, 20, u32::MAX].map(|refused| wait_for_database(refused, random).as_millis());
        assert_eq!(waits(0.0), [500, 1000, 2000, 4000, 60_000, 60_000]);
        assert_eq!(waits(1.0), [1000, 2000, 4000, 8000, 120_000, 120_000]);
    }
}
