//! Backfills that somebody asks for: which keys they get, and what may become of them. Working them off is the
//! scheduler's matter.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tokio::sync::Notify;

use super::{
    audited,
    backfill::{Backfill, BackfillId, BackfillMode, BackfillState, Planned},
    job::problems,
    refused::BackfillError,
    registry::{Registered, Registry},
    run::{Mode, RunId, RunParams},
    store::{self, NewBackfill, Remembered},
    triggers::Idempotency,
};
use crate::{audit::Actor, clock::Clock, db::Database};

/// Makes backfills on request, and pauses, resumes, cancels and repeats them.
#[derive(Clone)]
pub struct Backfills {
    database: Database,
    registry: Registry,
    clock: Clock,
    bell: Arc<Notify>,
}

/// What a backfill is asked to do.
#[derive(Clone, Debug)]
pub struct BackfillRequest {
    /// The range and the companies; none: all.
    pub params: RunParams,
    pub mode: BackfillMode,
    /// Items at once; none: as the job is configured.
    pub max_parallel: Option<u32>,
    pub note: String,
}

/// The items a backfill would get.
#[derive(Clone, Debug)]
pub struct BackfillPlan {
    pub items: Vec<Planned>,
    /// Keys that were looked at and need none.
    pub nothing_to_do: usize,
}

/// What became of a request for a backfill.
#[derive(Clone, Debug)]
pub enum MadeBackfill {
    New(Backfill),
    /// The same request came before, and this is the backfill it made.
    Repeated(Backfill),
}

impl Backfills {
    #[must_use]
    pub fn new(database: Database, registry: Registry, clock: Clock) -> Self {
        Self { database, registry, clock, bell: Arc::default() }
    }

    /// Rings when there is something new to do.
    #[must_use]
    pub fn bell(&self) -> &Notify {
        &self.bell
    }

    /// The items a backfill of the job would get, without making one.
    ///
    /// # Errors
    /// When the job is unknown, a parameter cannot be, or the job cannot say its keys.
    pub async fn plan(&self, job: &str, request: &BackfillRequest) -> Result<BackfillPlan, BackfillError> {
        self.plan_for(&*self.job(job)?, request).await
    }

    /// Makes a backfill of a job.
    ///
    /// # Errors
    /// As [`plan`](Self::plan), and when the idempotency key belongs to another request.
    pub async fn make(
        &self,
        job: &str,
        request: &BackfillRequest,
        idempotency: Option<Idempotency<'_>>,
        by: Option<&Actor>,
    ) -> Result<MadeBackfill, BackfillError> {
        let registered = self.job(job)?;
        let plan = self.plan_for(&registered, request).await?;
        let id = BackfillId::generate();
        let new = NewBackfill {
            id: &id,
            job: registered.name(),
            mode: request.mode,
            params: &params_of_runs(request),
            max_parallel: request.max_parallel.unwrap_or(registered.settings.parallel),
            note: &request.note,
            retry_of: None,
        };
        self.insert(&new, &plan.items, idempotency, by).await
    }

    /// Makes a backfill over the failed items of a finished one.
    ///
    /// # Errors
    /// When there is none, it is not finished, or none of its items failed.
    pub async fn retry(&self, id: &BackfillId, by: &Actor) -> Result<Backfill, BackfillError> {
        let earlier = self.find(id).await?;
        if !earlier.state.is_final() {
            return Err(BackfillError::State(id.clone(), earlier.state));
        }
        let items = store::failed_items(self.database.connection(), id).await?;
        if items.is_empty() {
            return Err(BackfillError::NothingToRetry(id.clone()));
        }
        let new = NewBackfill {
            id: &BackfillId::generate(),
            job: &earlier.job,
            mode: earlier.mode,
            params: &earlier.params,
            max_parallel: earlier.max_parallel,
            note: &earlier.note,
            retry_of: Some(id),
        };
        let (MadeBackfill::New(made) | MadeBackfill::Repeated(made)) =
            self.insert(&new, &items, None, Some(by)).await?;
        Ok(made)
    }

    /// Lets what is under way end, and begins nothing more. Doing it twice is doing it once.
    ///
    /// # Errors
    /// When there is no such backfill, or it is over or about to be.
    pub async fn pause(&self, id: &BackfillId, by: &Actor) -> Result<Backfill, BackfillError> {
        self.shift(id, &[BackfillState::Running], BackfillState::Paused, by).await
    }

    /// Goes on with a paused backfill. Doing it twice is doing it once.
    ///
    /// # Errors
    /// When there is no such backfill, or it is over or about to be.
    pub async fn resume(&self, id: &BackfillId, by: &Actor) -> Result<Backfill, BackfillError> {
        self.shift(id, &[BackfillState::Paused], BackfillState::Running, by).await
    }

    /// Asks a backfill to end. Doing it twice is doing it once.
    ///
    /// # Errors
    /// When there is no such backfill, or it is over.
    pub async fn cancel(&self, id: &BackfillId, by: &Actor) -> Result<Backfill, BackfillError> {
        let open = [BackfillState::Running, BackfillState::Paused];
        self.shift(id, &open, BackfillState::Cancelling, by).await
    }

    /// # Errors
    /// When there is no such backfill.
    pub async fn find(&self, id: &BackfillId) -> Result<Backfill, BackfillError> {
        let found = store::find_backfill(self.database.connection(), id).await?;
        found.ok_or_else(|| BackfillError::Unknown(id.clone()))
    }

    async fn shift(
        &self,
        id: &BackfillId,
        from: &[BackfillState],
        to: BackfillState,
        by: &Actor,
    ) -> Result<Backfill, BackfillError> {
        let transaction = self.database.begin().await?;
        let before = store::find_backfill(&transaction, id).await?.ok_or_else(|| BackfillError::Unknown(id.clone()))?;
        let moved = store::move_backfill(&transaction, id, from, to).await?;
        if moved {
            audited::backfill_moved(&transaction, by, id, before.state, to).await?;
        }
        transaction.commit().await?;
        let backfill = self.find(id).await?;
        if !moved && backfill.state != to {
            return Err(BackfillError::State(id.clone(), backfill.state));
        }
        if moved {
            tracing::info!(backfill = %id, state = %to, actor = by.name, "the backfill was asked to change its state");
        }
        self.bell.notify_one();
        Ok(backfill)
    }

    async fn plan_for(
        &self,
        registered: &Registered,
        request: &BackfillRequest,
    ) -> Result<BackfillPlan, BackfillError> {
        let params = params_of_runs(request);
        let now = self.clock.now();
        let problems = problems(registered.job.as_ref(), &params, registered.today(now)).await?;
        if !problems.is_empty() {
            return Err(BackfillError::Params(problems));
        }
        let mut keys = registered.job.keys(&params).await?;
        let mut seen = HashSet::new();
        keys.retain(|key| seen.insert(key.clone()));
        let looked_at = keys.len();
        if request.mode == BackfillMode::Failed {
            let failed = store::last_failed_keys(self.database.connection(), registered.name()).await?;
            let failed: HashSet<String> = failed.into_iter().collect();
            keys.retain(|key| failed.contains(key));
        }
        let previews = registered.job.preview(&keys, &params, now).await?;
        let mut messages: HashMap<String, String> = previews.into_iter().map(|p| (p.key, p.message)).collect();
        let planned = |key: String| Planned { message: messages.remove(&key), key };
        let mut items: Vec<Planned> = keys.into_iter().map(planned).collect();
        if request.mode == BackfillMode::Missing {
            items.retain(|item| item.message.is_some());
        }
        Ok(BackfillPlan { nothing_to_do: looked_at - items.len(), items })
    }

    async fn insert(
        &self,
        new: &NewBackfill<'_>,
        items: &[Planned],
        idempotency: Option<Idempotency<'_>>,
        by: Option<&Actor>,
    ) -> Result<MadeBackfill, BackfillError> {
        let transaction = self.database.begin().await?;
        store::lock_job(&transaction, new.job).await?;
        if let Some(given) = idempotency {
            match store::recall(&transaction, given.key, given.request_hash).await? {
                Remembered::Same(made) => {
                    // Its connection goes back before another one is asked for.
                    drop(transaction);
                    return Ok(MadeBackfill::Repeated(self.find(&as_backfill(&made)).await?));
                }
                Remembered::Other => return Err(BackfillError::KeyReused),
                Remembered::New => {}
            }
            if !store::remember(&transaction, given.key, given.request_hash, &as_run(new.id)).await? {
                return Err(BackfillError::KeyReused);
            }
        }
        store::insert_backfill(&transaction, new).await?;
        store::insert_items(&transaction, new.id, items).await?;
        if items.is_empty() {
            store::finish_backfill(&transaction, new.id, BackfillState::Succeeded, None).await?;
        }
        if let Some(actor) = by {
            audited::backfill_made(&transaction, actor, new, items.len()).await?;
        }
        transaction.commit().await?;
        tracing::info!(backfill = %new.id, job = new.job, mode = %new.mode, items = items.len(), "backfill made");
        self.bell.notify_one();
        Ok(MadeBackfill::New(self.find(new.id).await?))
    }

    fn job(&self, name: &str) -> Result<Arc<Registered>, BackfillError> {
        self.registry.find(name).ok_or_else(|| BackfillError::UnknownJob(name.to_owned()))
    }
}

/// What the runs of the backfill are asked to do, the keys aside.
fn params_of_runs(request: &BackfillRequest) -> RunParams {
    let mode = match request.mode {
        BackfillMode::Missing => Mode::Missing,
        BackfillMode::Failed => Mode::Incremental,
        BackfillMode::All => Mode::Full,
    };
    RunParams { mode, dry_run: false, ..request.params.clone() }
}

/// Idempotency keys remember what they made by its id, whatever it is; the request's hash tells which route it was.
fn as_run(id: &BackfillId) -> RunId {
    RunId::parse(id.as_str()).unwrap_or_else(RunId::generate)
}

fn as_backfill(id: &RunId) -> BackfillId {
    BackfillId::parse(id.as_str()).unwrap_or_else(BackfillId::generate)
}
