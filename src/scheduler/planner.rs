//! From due ticks to runs. Every replica plans; the database lets each tick cause one run.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;

use super::{
    due::{Active, Decision, decide},
    timetable::Timetable,
};
use crate::{
    clock::Clock,
    db::{Database, DbError, Transaction},
    jobs::{
        Executor, Registered, Registry, RowCounts, Run, RunId, RunParams, RunState, Slot, Tick, TickOutcome, Trigger,
        settings::Overlap,
        store::{self, Claim, Fence, JobState, NewRun},
    },
    metrics::Metrics,
};

/// Ticks recorded one by one after a long silence; of more, only the newest.
const MOST_TICKS: usize = 10_000;
/// Jobs planned at once.
const ABREAST: usize = 8;

/// What a planner is made of.
#[derive(Clone)]
pub struct PlannerParts {
    pub database: Database,
    pub registry: Registry,
    pub executor: Executor,
    pub metrics: Arc<Metrics>,
    pub clock: Clock,
}

/// Plans the ticks of all jobs.
#[derive(Clone)]
pub struct Planner {
    parts: PlannerParts,
    timetable: Arc<Timetable>,
}

/// A run whose row exists and which starts as soon as its transaction is committed.
struct Started {
    claim: Claim,
    slot: Slot,
}

impl Planner {
    #[must_use]
    pub fn new(parts: PlannerParts) -> Self {
        Self { parts, timetable: Arc::default() }
    }

    /// Works off all due ticks of all jobs. Gives the instant of the next one.
    ///
    /// # Errors
    /// What the database says; the jobs planned before it stay planned.
    pub async fn plan(&self) -> Result<Option<DateTime<Utc>>, DbError> {
        let states = store::list_jobs(self.parts.database.connection()).await?;
        let mut plans = futures_util::stream::iter(self.parts.registry.all())
            .map(|registered| {
                let state = states.iter().find(|state| state.job == registered.name()).cloned();
                async move { self.plan_job(&registered, state).await }
            })
            .buffer_unordered(ABREAST);
        let mut earliest: Option<DateTime<Utc>> = None;
        while let Some(next) = plans.next().await {
            if let Some(next) = next? {
                earliest = Some(earliest.map_or(next, |e| e.min(next)));
            }
        }
        Ok(earliest)
    }

    async fn plan_job(
        &self,
        registered: &Registered,
        state: Option<JobState>,
    ) -> Result<Option<DateTime<Utc>>, DbError> {
        let (job, now) = (registered.name(), self.parts.clock.now());
        let connection = self.parts.database.connection();
        let Some(state) = self.timetable.agree(connection, registered, state, now).await? else { return Ok(Some(now)) };
        self.parts.metrics.paused(job, state.paused);
        let Some(schedule) = self.timetable.schedule(job, &state.schedule) else {
            self.parts.metrics.next_run(job, None);
            return Ok(None);
        };
        let ticks = schedule.between(state.cursor, now, MOST_TICKS);
        if ticks.len() == MOST_TICKS {
            tracing::warn!(job, recorded = MOST_TICKS, "more ticks were due than are recorded one by one");
        }
        if let Some(last) = ticks.last() {
            self.work_off(job, registered, &state, &ticks, *last).await?;
        }
        let next = schedule.next_after(now.max(state.cursor));
        self.parts.metrics.next_run(job, next);
        Ok(next)
    }

    /// Records the ticks and makes their runs in one transaction.
    async fn work_off(
        &self,
        job: &str,
        registered: &Registered,
        state: &JobState,
        ticks: &[DateTime<Utc>],
        last: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let transaction = self.parts.database.begin().await?;
        if !store::advance_cursor(&transaction, state, last).await? {
            return Ok(());
        }
        let now = self.parts.clock.now();
        let overlap = registered.settings.overlap;
        let active = if overlap == Overlap::Allow { Active::default() } else { active(&transaction, job).await? };
        let decisions = decide(ticks, now, state.paused, &registered.settings, active);
        // A part of a backfill gives way as soon as it sees the run waiting.
        let backfilling = overlap != Overlap::Allow && store::is_backfilling(&transaction, job).await?;
        let mut occupied = backfilling || (overlap != Overlap::Allow && (active.running || active.waiting));
        let mut replaced = Vec::new();
        if overlap == Overlap::Replace && occupied && decisions.iter().any(|d| d.trigger.is_some()) {
            replaced = store::request_cancel_of_job(&transaction, job).await?;
        }
        let mut started = Vec::new();
        for decision in &decisions {
            let start = self.make(&transaction, job, decision, now, !occupied).await?;
            occupied |= overlap != Overlap::Allow && start.is_some();
            started.extend(start);
        }
        transaction.commit().await?;
        self.after_commit(job, &decisions, started, &replaced);
        Ok(())
    }

    /// Records one tick and makes its run, claimed already when it may start and there is room.
    async fn make(
        &self,
        transaction: &Transaction,
        job: &str,
        decision: &Decision,
        now: DateTime<Utc>,
        may_start: bool,
    ) -> Result<Option<Started>, DbError> {
        let id = decision.trigger.map(|_| RunId::generate());
        let lateness_ms = (now - decision.tick).num_milliseconds();
        let tick = Tick { scheduled_for: decision.tick, outcome: decision.outcome, run_id: id.clone(), lateness_ms };
        if !store::record_tick(transaction, job, &tick).await? {
            return Ok(None);
        }
        let (Some(id), Some(trigger)) = (id, decision.trigger) else { return Ok(None) };
        let slot = if may_start { self.parts.executor.try_slot() } else { None };
        let claimant = self.parts.executor.claimant();
        let params = RunParams::default();
        let new = NewRun {
            id: id.clone(),
            job,
            trigger,
            scheduled_for: Some(decision.tick),
            params: &params,
            note: "",
            retry_of: None,
            parallel: None,
        };
        store::insert_run(transaction, &new, slot.as_ref().map(|_| claimant)).await?;
        Ok(slot.map(|slot| {
            let fence = Fence { run: id.clone(), owner: claimant.owner.clone(), number: 1 };
            let run = claimed(id, job, trigger, decision.tick, now, &claimant.owner);
            Started { claim: Claim { run, fence }, slot }
        }))
    }

    fn after_commit(&self, job: &str, decisions: &[Decision], started: Vec<Started>, replaced: &[RunId]) {
        let now = self.parts.clock.now();
        for decision in decisions {
            self.parts.metrics.tick(job, decision.outcome.as_str());
            if decision.outcome == TickOutcome::Fired {
                self.parts.metrics.tick_lateness(job, (now - decision.tick).to_std().unwrap_or(Duration::ZERO));
            } else {
                tracing::info!(job, tick = %decision.tick, outcome = %decision.outcome, "tick without a run");
            }
        }
        for id in replaced {
            self.parts.executor.cancel(id);
        }
        for Started { claim, slot } in started {
            self.parts.executor.start(claim, slot);
        }
        self.parts.executor.wake();
    }
}

async fn active(transaction: &Transaction, job: &str) -> Result<Active, DbError> {
    let live = store::live_runs(transaction, job).await?;
    Ok(Active {
        running: live.iter().any(|(_, state)| *state != RunState::Queued),
        waiting: live.iter().any(|(_, state)| *state == RunState::Queued),
    })
}

fn claimed(id: RunId, job: &str, trigger: Trigger, tick: DateTime<Utc>, now: DateTime<Utc>, owner: &str) -> Run {
    Run {
        id,
        job: job.to_owned(),
        state: RunState::Running,
        trigger,
        scheduled_for: Some(tick),
        created_at: now,
        started_at: Some(now),
        finished_at: None,
        attempt: 1,
        owner: Some(owner.to_owned()),
        params: RunParams::default(),
        note: String::new(),
        retry_of: None,
        parallel: None,
        total: 0,
        done: 0,
        failed: 0,
        rows: RowCounts::default(),
        error: None,
    }
}
