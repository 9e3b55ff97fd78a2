//! Runs that somebody asks for: manual, from the command line, or a repeat of failed tasks.

use std::sync::Arc;

use super::{
    audited,
    executor::Executor,
    job::problems,
    refused::TriggerError,
    registry::{Registered, Registry},
    run::{Run, RunId, RunParams, RunState, Trigger},
    settings::Overlap,
    store::{self, NewRun, Remembered},
    trace::Origin,
};
use crate::{
    audit::Actor,
    db::{Database, DbError, Transaction},
};

/// Makes and cancels runs on request.
#[derive(Clone)]
pub struct Triggers {
    database: Database,
    registry: Registry,
    executor: Executor,
    awaited: bool,
}

/// A client's key for a request, with the hash of what it asked.
#[derive(Clone, Copy, Debug)]
pub struct Idempotency<'a> {
    pub key: &'a str,
    pub request_hash: &'a str,
}

/// What became of a request for a run.
#[derive(Clone, Debug)]
pub enum Triggered {
    New(Run),
    /// The same request came before, and this is the run it made.
    Repeated(Run),
}

impl Triggers {
    #[must_use]
    pub fn new(database: Database, registry: Registry, executor: Executor) -> Self {
        Self { database, registry, executor, awaited: false }
    }

    /// The same for somebody who waits for the end of what is asked for, or does not.
    #[must_use]
    pub fn awaited(&self, awaited: bool) -> Self {
        Self { awaited, ..self.clone() }
    }

    /// The jobs that runs can be asked of.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Makes a run of a job. `by` is who asks, and goes into the audit; none is the program itself.
    ///
    /// # Errors
    /// When the job is unknown, a parameter cannot be, a run is active and the job's overlap is `skip`, or the
    /// idempotency key belongs to another request.
    pub async fn run(
        &self,
        job: &str,
        trigger: Trigger,
        params: &RunParams,
        note: &str,
        idempotency: Option<Idempotency<'_>>,
        by: Option<&Actor>,
    ) -> Result<Triggered, TriggerError> {
        let registered = self.job(job)?;
        let today = registered.today(self.executor.now());
        let problems = problems(registered.job.as_ref(), params, today).await?;
        if !problems.is_empty() {
            return Err(TriggerError::Params(problems));
        }
        let id = RunId::generate();
        let origin = Origin::current(self.awaited);
        let new =
            NewRun { id, job, trigger, scheduled_for: None, params, note, retry_of: None, parallel: None, origin };
        self.insert(&registered, &new, idempotency, by).await
    }

    /// Makes a run over the failed tasks of a finished one.
    ///
    /// # Errors
    /// When there is no such run, it is not finished, or none of its tasks failed.
    pub async fn retry(&self, id: &RunId, by: Option<&Actor>) -> Result<Triggered, TriggerError> {
        let connection = self.database.connection();
        let run = store::find_run(connection, id).await?.ok_or_else(|| TriggerError::UnknownRun(id.clone()))?;
        if !run.state.is_final() {
            return Err(TriggerError::NotFinished(id.clone()));
        }
        if store::failed_keys(connection, id).await?.is_empty() {
            return Err(TriggerError::NothingToRetry(id.clone()));
        }
        let new = NewRun {
            id: RunId::generate(),
            job: &run.job,
            trigger: Trigger::Retry,
            scheduled_for: None,
            params: &run.params,
            note: &run.note,
            retry_of: Some(id),
            parallel: run.parallel,
            origin: Origin::current(self.awaited),
        };
        self.insert(&*self.job(&run.job)?, &new, None, by).await
    }

    /// Asks a run to end. Gives its state now; none when there is no such run.
    ///
    /// # Errors
    /// What the database says.
    pub async fn cancel(&self, id: &RunId, by: Option<&Actor>) -> Result<Option<RunState>, DbError> {
        let transaction = self.database.begin().await?;
        let before = store::lock_run(&transaction, id).await?;
        let state = store::request_cancel(&transaction, id).await?;
        if let (Some(actor), Some(before), Some(after)) = (by, before, state.filter(|_| before != state)) {
            audited::cancelled(&transaction, actor, id, before, after).await?;
        }
        transaction.commit().await?;
        self.executor.cancel(id);
        Ok(state)
    }

    async fn insert(
        &self,
        registered: &Registered,
        new: &NewRun<'_>,
        idempotency: Option<Idempotency<'_>>,
        by: Option<&Actor>,
    ) -> Result<Triggered, TriggerError> {
        let transaction = self.database.begin().await?;
        store::lock_job(&transaction, new.job).await?;
        if let Some(given) = idempotency {
            match store::recall(&transaction, given.key, given.request_hash).await? {
                Remembered::Same(id) => {
                    // Many repeats at once would each wait for a second connection while they hold one.
                    drop(transaction);
                    return Ok(Triggered::Repeated(self.find(&id).await?));
                }
                Remembered::Other => return Err(TriggerError::KeyReused),
                Remembered::New => {}
            }
            if !store::remember(&transaction, given.key, given.request_hash, &new.id).await? {
                return Err(TriggerError::KeyReused);
            }
        }
        let replaced = make_room(&transaction, registered.settings.overlap, new.job).await?;
        store::insert_run(&transaction, new).await?;
        if let Some(actor) = by {
            audited::made(&transaction, actor, new, &replaced).await?;
        }
        transaction.commit().await?;
        for id in &replaced {
            self.executor.cancel(id);
        }
        self.executor.wake();
        Ok(Triggered::New(self.find(&new.id).await?))
    }

    fn job(&self, name: &str) -> Result<Arc<Registered>, TriggerError> {
        self.registry.find(name).ok_or_else(|| TriggerError::UnknownJob(name.to_owned()))
    }

    async fn find(&self, id: &RunId) -> Result<Run, TriggerError> {
        let run = store::find_run(self.database.connection(), id).await?;
        run.ok_or_else(|| TriggerError::UnknownRun(id.clone()))
    }
}

/// What the overlap policy means for a run asked for by hand: it is refused, waits its turn, or replaces the others.
async fn make_room(transaction: &Transaction, overlap: Overlap, job: &str) -> Result<Vec<RunId>, TriggerError> {
    match overlap {
        Overlap::Skip => match store::live_runs(transaction, job).await?.into_iter().next() {
            Some((id, _)) => Err(TriggerError::Overlap(id)),
            None => Ok(Vec::new()),
        },
        Overlap::Replace => Ok(store::request_cancel_of_job(transaction, job).await?),
        Overlap::Queue | Overlap::Allow => Ok(Vec::new()),
    }
}
