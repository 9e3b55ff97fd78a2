//! Works backfills off: their items become tasks of runs, which make way for every other run of their job.
//!
//! Every replica drives every backfill. Each step is one transaction that holds the backfill's row, so that it is done
//! once, and a process that dies leaves nothing half done.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    db::{Database, DbError, Transaction},
    jobs::{
        Backfill, BackfillId, BackfillState, Backfills, Executor, Registry, RunId, RunParams, RunState, Trigger,
        store::{self, NewRun},
    },
    metrics::Metrics,
};

/// How often backfills are looked at while there are any, and while there are none.
const BUSY: Duration = Duration::from_millis(500);
const IDLE: Duration = Duration::from_secs(1);
/// A connection that hangs must not stop the backfills for ever.
const PATIENCE: Duration = Duration::from_secs(20);
/// Items of one run: so many that a slow one holds no others up, and so few that a run can be read.
const MOST_ITEMS: u32 = 10_000;

/// Drives backfills.
#[derive(Clone)]
pub struct Backfiller {
    pub database: Database,
    pub registry: Registry,
    pub executor: Executor,
    pub metrics: Arc<Metrics>,
    pub backfills: Backfills,
}

/// What the executors hear of once a step is committed.
#[derive(Default)]
struct Effects {
    made: bool,
    /// A run that was asked to end, and the state it is in now.
    cancelled: Option<(RunId, RunState)>,
    ended: Option<BackfillState>,
}

impl Backfiller {
    /// Takes every backfill one step on. Gives how many have not ended.
    ///
    /// # Errors
    /// What the database says.
    pub async fn drive(&self) -> Result<usize, DbError> {
        self.make_way().await?;
        let unfinished = store::unfinished_backfills(self.database.connection()).await?;
        for id in &unfinished {
            // One that cannot be driven does not hold up the others.
            if let Err(error) = self.step(id).await {
                tracing::warn!(backfill = %id, %error, "the backfill could not be taken a step on; trying again");
            }
        }
        Ok(unfinished.len())
    }

    /// Tells the runs that this process executes what is wanted of them.
    async fn make_way(&self) -> Result<(), DbError> {
        let owner = &self.executor.claimant().owner;
        for under_way in store::backfills_under_way(self.database.connection(), owner).await? {
            let registered = self.registry.find(&under_way.job);
            let exclusive = registered.is_none_or(|job| job.is_exclusive());
            if under_way.cancelling {
                self.executor.cancel(&under_way.run);
            } else if under_way.wanted && exclusive {
                self.executor.give_way(&under_way.run);
            } else if under_way.paused {
                self.executor.settle(&under_way.run);
            }
        }
        Ok(())
    }

    async fn step(&self, id: &BackfillId) -> Result<(), DbError> {
        let transaction = self.database.begin().await?;
        let Some(backfill) = store::lock_backfill(&transaction, id).await? else { return Ok(()) };
        let mut effects = Effects::default();
        if backfill.state == BackfillState::Cancelling {
            effects.cancelled = end_run(&transaction, &backfill).await?;
        }
        if !in_a_run(&transaction, &backfill).await? {
            self.go_on(&transaction, &backfill, &mut effects).await?;
        }
        transaction.commit().await?;
        self.after_commit(&backfill, effects);
        Ok(())
    }

    /// The next run, or the end.
    async fn go_on(
        &self,
        transaction: &Transaction,
        backfill: &Backfill,
        effects: &mut Effects,
    ) -> Result<(), DbError> {
        if backfill.state == BackfillState::Cancelling {
            store::cancel_waiting_items(transaction, &backfill.id).await?;
        }
        let tally = store::tally(transaction, &backfill.id).await?;
        if tally.open() > 0 {
            // A job that only other replicas have is theirs to go on with.
            if backfill.state == BackfillState::Running && self.registry.find(&backfill.job).is_some() {
                effects.made = make_run(transaction, backfill).await?;
            }
            return Ok(());
        }
        let (state, error) = match backfill.state {
            BackfillState::Cancelling => (BackfillState::Cancelled, None),
            _ => tally.verdict(),
        };
        store::finish_backfill(transaction, &backfill.id, state, error.as_deref()).await?;
        effects.ended = Some(state);
        Ok(())
    }

    fn after_commit(&self, backfill: &Backfill, effects: Effects) {
        if let Some((run, state)) = &effects.cancelled {
            self.executor.cancel(run);
            if *state == RunState::Cancelled {
                // It was queued: no executor saw it, so none has counted it.
                self.metrics.run_finished(&backfill.job, Trigger::Backfill.as_str(), state.as_str());
            }
        }
        if effects.made {
            self.executor.wake();
        }
        if let Some(state) = effects.ended {
            tracing::info!(backfill = %backfill.id, job = backfill.job, %state, "backfill ended");
        }
    }
}

/// Asks the run of a backfill to end, unless it has. Gives it with its state.
async fn end_run(transaction: &Transaction, backfill: &Backfill) -> Result<Option<(RunId, RunState)>, DbError> {
    let Some(id) = &backfill.run else { return Ok(None) };
    let run = store::find_run(transaction, id).await?;
    if run.is_none_or(|run| run.state.is_final()) {
        return Ok(None);
    }
    let state = store::request_cancel(transaction, id).await?;
    Ok(state.map(|state| (id.clone(), state)))
}

/// Whether its items are in a run that has not ended. What the run has come to is collected.
async fn in_a_run(transaction: &Transaction, backfill: &Backfill) -> Result<bool, DbError> {
    let Some(id) = &backfill.run else { return Ok(false) };
    // The run is read before its tasks: when it has ended, so have all that count.
    match store::find_run(transaction, id).await? {
        Some(run) => {
            store::collect_items(transaction, &backfill.id, &run).await?;
            if !run.state.is_final() {
                return Ok(true);
            }
            store::part_from_run(transaction, &backfill.id, &run).await?;
        }
        None => store::release_items(transaction, &backfill.id, id).await?,
    }
    store::set_backfill_run(transaction, &backfill.id, None).await?;
    Ok(false)
}

/// Makes a run of the items that wait. False when there are none.
async fn make_run(transaction: &Transaction, backfill: &Backfill) -> Result<bool, DbError> {
    let id = RunId::generate();
    let companies = store::take_items(transaction, &backfill.id, &id, MOST_ITEMS).await?;
    if companies.is_empty() {
        return Ok(false);
    }
    let params = RunParams { companies, ..backfill.params.clone() };
    let new = NewRun {
        id: id.clone(),
        job: &backfill.job,
        trigger: Trigger::Backfill,
        scheduled_for: None,
        params: &params,
        note: &backfill.note,
        retry_of: None,
        parallel: Some(backfill.max_parallel),
        origin: None,
    };
    store::insert_run(transaction, &new).await?;
    store::set_backfill_run(transaction, &backfill.id, Some(&id)).await?;
    Ok(true)
}

/// Drives until cancelled.
pub async fn run_backfiller(backfiller: &Backfiller, cancel: &CancellationToken) {
    loop {
        let pause = match tokio::time::timeout(PATIENCE, backfiller.drive()).await {
            Ok(Ok(0)) => IDLE,
            Ok(Ok(_)) => BUSY,
            Ok(Err(error)) => {
                tracing::warn!(%error, "backfills could not be looked at");
                IDLE
            }
            Err(_) => {
                tracing::warn!("looking at backfills took too long");
                IDLE
            }
        };
        tokio::select! {
            () = cancel.cancelled() => return,
            () = backfiller.backfills.bell().notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}
