//! One run in the foreground, through the same tables, locks and records as one of the daemon.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    assembly::{Assembly, assemble, metrics},
    more_jobs::MoreJobs,
};
use crate::{
    audit::Actor,
    clock::Clock,
    config::Config,
    crawl::archive::write_archive,
    db::{Database, DbError, persist},
    jobs::{Run, RunId, RunParams, RunState, Task, TaskState, Trigger, TriggerError, Triggered, store, write_run_logs},
    telemetry::{run_log::RunLines, trace::Traces},
};

const LOOK: Duration = Duration::from_millis(200);

/// Makes runs and works them off in this process.
pub struct Foreground {
    assembly: Assembly,
    writers: JoinSet<()>,
    drained: CancellationToken,
    actor: Actor,
}

/// Hears of the run while it goes on.
pub trait Progress: Send {
    fn show(&mut self, run: &Run);
}

impl Foreground {
    /// `run_lines` are kept with their runs, `traces` sent.
    ///
    /// # Errors
    /// When something cannot be built from the configuration.
    pub fn new(
        config: &Config,
        database: Database,
        clock: &Clock,
        actor: Actor,
        run_lines: RunLines,
        traces: Traces,
    ) -> anyhow::Result<Self> {
        let more = MoreJobs::default();
        let metrics = Arc::new(metrics(&more)?);
        let assembly = assemble(config, &more, database.clone(), &metrics, clock, "cli")?;
        let (mut writers, drained) = (JoinSet::new(), CancellationToken::new());
        let (cancel, archive) = (drained.clone(), assembly.parts.archive.clone());
        writers.spawn(async move {
            tokio::join!(
                write_run_logs(&database, run_lines, &cancel),
                write_archive(&database, &archive, &cancel),
                traces.export(&metrics, &cancel)
            );
        });
        Ok(Self { assembly, writers, drained, actor })
    }

    /// Makes a run.
    ///
    /// # Errors
    /// As the daemon would refuse it.
    pub async fn trigger(&self, job: &str, params: &RunParams) -> Result<Run, TriggerError> {
        match self.assembly.triggers.run(job, Trigger::Cli, params, "", None, Some(&self.actor)).await? {
            Triggered::New(run) | Triggered::Repeated(run) => Ok(run),
        }
    }

    /// Follows a run to its final state, executing it here unless a daemon was faster. When `cancel` is cancelled,
    /// so is the run. A database that is away is waited for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn follow(
        &self,
        id: &RunId,
        progress: &mut dyn Progress,
        cancel: &CancellationToken,
    ) -> anyhow::Result<Run> {
        let mut asked_to_end = false;
        let Assembly { parts, executor, rescuer, triggers, .. } = &self.assembly;
        loop {
            let run = patiently(|| store::find_run(parts.database.connection(), id)).await?;
            let run = run.context("the run is gone")?;
            progress.show(&run);
            if run.state.is_final() {
                return Ok(run);
            }
            patiently(|| executor.claim(&run)).await?;
            if run.state != RunState::Queued && !executor.is_executing(id) {
                // Its lease may have ended while the database was away, and there may be no daemon.
                patiently(|| rescuer.rescue()).await?;
            }
            if cancel.is_cancelled() && !asked_to_end {
                patiently(|| triggers.cancel(id, Some(&self.actor))).await?;
                asked_to_end = true;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = cancel.cancelled(), if !asked_to_end => {}
            }
        }
    }

    /// The first tasks of a run, or the first in one state.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tasks(&self, id: &RunId, state: Option<TaskState>, limit: u32) -> anyhow::Result<Vec<Task>> {
        let connection = self.assembly.parts.database.connection();
        patiently(|| store::list_tasks(connection, id, state, None, limit)).await
    }

    /// Where the rows are that a run rejected and kept, as a path of the daemon's pages.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn rejected_at(&self, run: &Run) -> anyhow::Result<Option<String>> {
        Ok(self.assembly.registry.rejected_at(run).await?)
    }

    /// Waits for what is still running and closes the database.
    pub async fn close(mut self) {
        self.assembly.executor.drain(Duration::from_secs(10)).await;
        self.drained.cancel();
        while self.writers.join_next().await.is_some() {}
        self.assembly.parts.database.close().await;
    }
}

/// Asks the database until it answers. A second signal ends the process meanwhile.
async fn patiently<T, F: Future<Output = Result<T, DbError>>>(call: impl Fn() -> F) -> anyhow::Result<T> {
    let answer = persist(call, &CancellationToken::new()).await;
    Ok(answer.context("the database is away")??)
}
