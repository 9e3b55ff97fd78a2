//! What a job gets to see of its run, and the only way to write.

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{
    job::{TaskError, TaskReport},
    run::{RunId, RunParams},
    store::{self, Written},
};
use crate::{
    clock::Clock,
    db::{Database, Transaction},
    telemetry::trace::TRACE,
};

/// Who holds a run: writes with an older fence are refused.
#[derive(Clone, Debug)]
pub struct Fence {
    pub run: RunId,
    pub owner: String,
    pub number: i64,
}

/// A run being executed.
#[derive(Clone)]
pub struct RunContext {
    pub(super) fence: Fence,
    pub(super) params: RunParams,
    pub(super) retry_of: Option<RunId>,
    pub(super) database: Database,
    pub(super) clock: Clock,
    pub(super) cancel: CancellationToken,
    /// Cancelled as soon as the tasks have their records. The first ones begin before it, and end after it.
    pub(super) recorded: CancellationToken,
}

impl RunContext {
    #[must_use]
    pub fn id(&self) -> &RunId {
        &self.fence.run
    }

    /// The token under which this process holds the run, to hand on to systems that check fences themselves.
    #[must_use]
    pub fn fence(&self) -> &Fence {
        &self.fence
    }

    #[must_use]
    pub fn params(&self) -> &RunParams {
        &self.params
    }

    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(super) async fn recorded(&self) -> Result<(), TaskError> {
        tokio::select! {
            biased;
            () = self.recorded.cancelled() => Ok(()),
            () = self.cancel.cancelled() => Err(TaskError::Cancelled),
        }
    }

    /// Cancelled when the run is to stop, for whatever reason.
    #[must_use]
    pub fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }
}

/// A task being performed.
pub struct TaskContext {
    pub(super) run: RunContext,
    pub(super) key: String,
}

impl TaskContext {
    #[must_use]
    pub fn run(&self) -> &RunContext {
        &self.run
    }

    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Begins the one transaction in which the task's rows, its record and the run's counts are written.
    ///
    /// # Errors
    /// When no connection can be had, or the run is stopped.
    pub async fn begin(&self) -> Result<FencedTransaction<'_>, TaskError> {
        self.run.recorded().await?;
        Ok(FencedTransaction { transaction: self.run.database.begin().await?, task: self })
    }

    /// Records the success of a task that has nothing to write.
    ///
    /// # Errors
    /// [`TaskError::FenceLost`] when the run is no longer ours.
    pub async fn complete(&self, report: TaskReport) -> Result<Done, TaskError> {
        self.run.recorded().await?;
        match store::complete_task_alone(&self.run.database, &self.run.fence, &self.key, &report).await? {
            Written::Now | Written::Before => Ok(Done { report }),
            Written::NotOurs => Err(TaskError::FenceLost),
        }
    }
}

/// Proof that a task's success was committed under the fence.
#[derive(Debug)]
pub struct Done {
    report: TaskReport,
}

impl Done {
    #[must_use]
    pub fn report(&self) -> &TaskReport {
        &self.report
    }
}

/// A transaction that commits only while the run is still ours.
pub struct FencedTransaction<'a> {
    transaction: Transaction,
    task: &'a TaskContext,
}

impl FencedTransaction<'_> {
    /// The connection to write through.
    #[must_use]
    pub fn connection(&self) -> &Transaction {
        &self.transaction
    }

    /// Records the task's success and commits.
    ///
    /// # Errors
    /// [`TaskError::FenceLost`] when the run is no longer ours: then nothing at all was written.
    pub async fn complete(self, report: TaskReport) -> Result<Done, TaskError> {
        let task = self.task;
        // The fence is checked last: the run's row is locked for the shortest time, and a loss undoes all.
        match store::complete_task(&self.transaction, &task.run.fence, &task.key, &report).await? {
            Written::Now => {
                let span = tracing::info_span!(target: TRACE, "commit");
                self.transaction.commit().instrument(span).await?;
            }
            // The answer to an earlier commit was lost: what it wrote stands, and nothing is written twice.
            Written::Before => {}
            Written::NotOurs => return Err(TaskError::FenceLost),
        }
        Ok(Done { report })
    }

    /// Commits without ending the task: for what must be kept though the task fails.
    ///
    /// # Errors
    /// [`TaskError::FenceLost`] when the run is no longer ours: then nothing at all was written.
    pub async fn keep(self) -> Result<(), TaskError> {
        if !store::is_ours(&self.transaction, &self.task.run.fence).await? {
            return Err(TaskError::FenceLost);
        }
        Ok(self.transaction.commit().await?)
    }
}
