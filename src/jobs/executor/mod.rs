//! Works runs off: claims them, keeps their leases, performs their tasks, ends them.

mod attempt;
mod drain;
mod end;
mod execution;
mod lease;
mod owner;
mod stop;
mod tasks;
mod together;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

use self::{
    owner::owner,
    stop::{Stop, StopReason},
    together::Together,
};
use super::{
    context::Fence,
    registry::Registry,
    run::{Run, RunId, RunState},
    store::{self, Claim},
};
use crate::{
    clock::Clock,
    db::{Database, DbError},
    metrics::Metrics,
};

/// How long a run stays ours without a heartbeat; three heartbeats fit in.
pub const LEASE: Duration = Duration::from_secs(12);
/// How often the queue is looked at when nobody rings.
const IDLE: Duration = Duration::from_millis(500);
/// A connection that hangs must not stop the claiming for ever.
const CLAIMING: Duration = Duration::from_secs(20);
/// Runs executed by one process at once.
const SLOTS: u32 = 1024;
/// Longer than a run that was given up waits for somebody to take it over.
const GIVEN_UP: Duration = Duration::from_secs(3600);
/// What a stopped run gets to come to its end before its tasks are dropped.
const STOP_GRACE: Duration = Duration::from_secs(5);
/// What a run gets for it that gives way: another one waits.
const WAY_GRACE: Duration = Duration::from_secs(1);

/// A process as the run table names it.
#[derive(Clone, Debug)]
pub struct Claimant {
    /// `daemon-` or `cli-`, the instance, and a random part of this process.
    pub owner: String,
    pub lease: Duration,
}

/// The right to execute one more run in this process.
pub struct Slot(OwnedSemaphorePermit);

/// Executes runs. Cheap to clone.
#[derive(Clone)]
pub struct Executor(Arc<Shared>);

struct Shared {
    database: Database,
    /// For claims and heartbeats, which must not wait for the tasks' connections.
    control: Database,
    registry: Registry,
    metrics: Arc<Metrics>,
    clock: Clock,
    claimant: Claimant,
    slots: Arc<Semaphore>,
    tracker: TaskTracker,
    wake: Notify,
    /// By run and fence: a run taken over by its own process is here twice for a while.
    live: Mutex<HashMap<(RunId, i64), Stop>>,
    /// Runs whose lease this process could not keep, though it lives, by run and fence; and since when.
    given_up: Mutex<HashMap<(RunId, i64), Instant>>,
    draining: CancellationToken,
    plans: Together<store::TaskPlan, store::Written>,
    ends: Together<store::End, store::Ended>,
    /// Names of jobs of which a run succeeded that was no dry run.
    successes: Together<String, ()>,
}

/// What an executor is made of.
pub struct ExecutorParts {
    pub database: Database,
    pub registry: Registry,
    pub metrics: Arc<Metrics>,
    pub clock: Clock,
    /// `daemon` or `cli`.
    pub role: &'static str,
    /// The name of this process among its like: a pod's, a host's.
    pub instance: String,
}

impl Executor {
    #[must_use]
    pub fn new(parts: ExecutorParts) -> Self {
        let ExecutorParts { database, registry, metrics, clock, role, instance } = parts;
        let owner = owner(role, &instance);
        Self(Arc::new(Shared {
            control: database.control(),
            database,
            registry,
            metrics,
            clock,
            claimant: Claimant { owner, lease: LEASE },
            slots: Arc::new(Semaphore::new(SLOTS as usize)),
            tracker: TaskTracker::new(),
            wake: Notify::new(),
            live: Mutex::default(),
            given_up: Mutex::default(),
            draining: CancellationToken::new(),
            plans: Together::default(),
            ends: Together::default(),
            successes: Together::default(),
        }))
    }

    #[must_use]
    pub fn claimant(&self) -> &Claimant {
        &self.0.claimant
    }

    /// A free slot, unless all are taken or the process drains.
    #[must_use]
    pub fn try_slot(&self) -> Option<Slot> {
        if self.0.draining.is_cancelled() {
            return None;
        }
        Arc::clone(&self.0.slots).try_acquire_owned().ok().map(Slot)
    }

    /// Executes a claimed run in the background; one that was claimed while the process began to drain goes back to
    /// the queue.
    pub fn start(&self, claim: Claim, slot: Slot) {
        let stop = Stop::default();
        if self.0.draining.is_cancelled() {
            stop.trigger(StopReason::Draining);
        }
        let key = (claim.run.id.clone(), claim.fence.number);
        self.0.live().insert(key.clone(), stop.clone());
        let shared = Arc::clone(&self.0);
        let span = tracing::info_span!(parent: None, "run", run = %claim.run.id, job = %claim.run.job);
        claim.run.begin_trace(&span);
        self.0.tracker.spawn(
            async move {
                execution::execute(&shared, claim, &stop).await;
                shared.live().remove(&key);
                drop(slot.0);
                // The next run of the same job may have waited for this one.
                shared.wake.notify_one();
            }
            .instrument(span),
        );
    }

    /// The instant by the clock that was handed in.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// There may be something in the queue.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// True when this process had the run under this fence and could not keep its lease: no owner vanished.
    #[must_use]
    pub fn gave_up(&self, id: &RunId, fence: i64) -> bool {
        self.0.given_up().contains_key(&(id.clone(), fence))
    }

    /// Tells a run of this process at once that its end was asked for; others hear of it by their heartbeat.
    pub fn cancel(&self, id: &RunId) {
        for (_, stop) in self.0.live().iter().filter(|((run, _), _)| run == id) {
            stop.trigger(StopReason::Requested);
        }
    }

    /// Puts a run of this process back to the queue at once, for another run of its job that waits.
    pub fn give_way(&self, id: &RunId) {
        for (_, stop) in self.0.live().iter().filter(|((run, _), _)| run == id) {
            stop.trigger(StopReason::GivingWay);
        }
    }

    /// Begins no further tasks of a run of this process, and puts it back to the queue when those under way have ended.
    pub fn settle(&self, id: &RunId) {
        for (_, stop) in self.0.live().iter().filter(|((run, _), _)| run == id) {
            stop.settle();
        }
    }

    /// Claims queued runs until cancelled.
    pub async fn work(&self, cancel: &CancellationToken) {
        loop {
            match tokio::time::timeout(CLAIMING, self.claim_all()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the queue could not be read; trying again"),
                Err(_) => tracing::warn!("reading the queue took too long; trying again"),
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                () = self.0.wake.notified() => {}
                () = tokio::time::sleep(IDLE) => {}
            }
        }
    }

    async fn claim_all(&self) -> Result<(), DbError> {
        let jobs = self.0.registry.all();
        let exclusive: Vec<(&str, bool)> = jobs.iter().map(|job| (job.name(), job.is_exclusive())).collect();
        let names: Vec<&str> = jobs.iter().map(|job| job.name()).collect();
        loop {
            let mut slots = self.free_slots();
            if slots.is_empty() {
                return Ok(());
            }
            let (database, claimant) = (&self.0.control, &self.0.claimant);
            let mut claims = store::claim_next(database, claimant, &exclusive, slots.len()).await?;
            let all = claims.len() == slots.len();
            if !all && database.is_postgres() {
                let room = slots.len() - claims.len();
                claims.extend(store::take_offered(database.connection(), claimant, &names, room).await?);
            }
            for (claim, slot) in claims.into_iter().zip(slots.drain(..)) {
                self.start(claim, slot);
            }
            if !all {
                return Ok(());
            }
        }
    }

    fn free_slots(&self) -> Vec<Slot> {
        std::iter::from_fn(|| self.try_slot()).collect()
    }

    /// Claims one run if it is queued and its turn has come.
    ///
    /// # Errors
    /// What the database says.
    pub async fn claim(&self, run: &Run) -> Result<(), DbError> {
        let Some(registered) = self.0.registry.find(&run.job).filter(|_| run.state == RunState::Queued) else {
            return Ok(());
        };
        let Some(slot) = self.try_slot() else { return Ok(()) };
        let exclusive: &[&str] = if registered.is_exclusive() { &[&run.job] } else { &[] };
        let wanted = [(run.id.clone(), run.job.clone())];
        let claims = store::claim_runs(&self.0.control, &self.0.claimant, &wanted, exclusive).await?;
        if let Some(claim) = claims.into_iter().next() {
            self.start(claim, slot);
        }
        Ok(())
    }

    /// True when this process executes the run.
    #[must_use]
    pub fn is_executing(&self, id: &RunId) -> bool {
        self.0.live().keys().any(|(run, _)| run == id)
    }
}

impl Shared {
    /// A write was refused because the run has another owner; while draining, one that it was offered to.
    fn fence_rejected(&self, job: &str) {
        if !self.draining.is_cancelled() {
            self.metrics.fence_rejected(job);
        }
    }

    /// Remembers that the run's lease could not be kept. Those that another process took are forgotten by and by.
    fn give_up(&self, fence: &Fence) {
        let mut given_up = self.given_up();
        given_up.retain(|_, since| since.elapsed() < GIVEN_UP);
        given_up.insert((fence.run.clone(), fence.number), Instant::now());
    }

    fn given_up(&self) -> std::sync::MutexGuard<'_, HashMap<(RunId, i64), Instant>> {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn live(&self) -> std::sync::MutexGuard<'_, HashMap<(RunId, i64), Stop>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
