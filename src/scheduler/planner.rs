//! From due ticks to runs. Every replica plans; the database lets each tick cause one run.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;

use super::{
    due::{Active, Decision, decide},
    schedule::Schedule,
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
/// What the job's row says while the job is disabled: enabling it then counts as a new schedule.
const DISABLED: &str = "(disabled)";

/// What a planner is made of.
#[derive(Clone)]
pub struct PlannerParts {
    pub database: Database,
    pub registry: Registry,
    pub schedules: BTreeMap<&'static str, Schedule>,
    pub executor: Executor,
    pub metrics: Arc<Metrics>,
    pub clock: Clock,
}

/// Plans the ticks of all jobs.
#[derive(Clone)]
pub struct Planner(PlannerParts);

/// A run whose row exists and which starts as soon as its transaction is committed.
struct Started {
    claim: Claim,
    slot: Slot,
}

impl Planner {
    #[must_use]
    pub fn new(parts: PlannerParts) -> Self {
        Self(parts)
    }

    /// Works off all due ticks of all jobs. Gives the instant of the next one.
    ///
    /// # Errors
    /// What the database says; the jobs planned before it stay planned.
    pub async fn plan(&self) -> Result<Option<DateTime<Utc>>, DbError> {
        let states = store::list_jobs(self.0.database.connection()).await?;
        let mut plans = futures_util::stream::iter(self.0.schedules.iter())
            .map(|(job, schedule)| {
                let state = states.iter().find(|state| state.job == *job).cloned();
                self.plan_job(job, schedule, state)
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
        job: &'static str,
        schedule: &Schedule,
        state: Option<JobState>,
    ) -> Result<Option<DateTime<Utc>>, DbError> {
        let Some(registered) = self.0.registry.find(job) else { return Ok(None) };
        let now = self.0.clock.now();
        let Some(state) = self.known(job, registered, state, now).await? else { return Ok(Some(now)) };
        self.0.metrics.paused(job, state.paused);
        if !registered.settings.enabled {
            self.0.metrics.next_run(job, None);
            return Ok(None);
        }
        let ticks = schedule.between(state.cursor, now, MOST_TICKS);
        if ticks.len() == MOST_TICKS {
            tracing::warn!(job, recorded = MOST_TICKS, "more ticks were due than are recorded one by one");
        }
        if let Some(last) = ticks.last() {
            self.work_off(job, registered, &state, &ticks, *last).await?;
        }
        let next = schedule.next_after(now.max(state.cursor));
        self.0.metrics.next_run(job, next);
        Ok(next)
    }

    /// The job's row, made or moved to the configured schedule when it is not so yet; none when that was done now.
    async fn known(
        &self,
        job: &str,
        registered: &Registered,
        state: Option<JobState>,
        now: DateTime<Utc>,
    ) -> Result<Option<JobState>, DbError> {
        let connection = self.0.database.connection();
        let settings = &registered.settings;
        let schedule = if settings.enabled { settings.schedule.as_str() } else { DISABLED };
        let zone = settings.timezone.name();
        match state {
            None => {
                store::ensure_job(connection, job, schedule, zone, now).await?;
                Ok(None)
            }
            Some(state) if state.schedule != schedule || state.timezone != zone => {
                tracing::info!(job, schedule, zone, "the schedule is a new one: its ticks count from now on");
                store::set_schedule(connection, &state, schedule, zone, now).await?;
                Ok(None)
            }
            state => Ok(state),
        }
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
        let transaction = self.0.database.begin().await?;
        if !store::advance_cursor(&transaction, state, last).await? {
            return Ok(());
        }
        let now = self.0.clock.now();
        let overlap = registered.settings.overlap;
        let active = if overlap == Overlap::Allow { Active::default() } else { active(&transaction, job).await? };
        let decisions = decide(ticks, now, state.paused, &registered.settings, active);
        let mut occupied = overlap != Overlap::Allow && (active.running || active.waiting);
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
        let slot = if may_start { self.0.executor.try_slot() } else { None };
        let claimant = self.0.executor.claimant();
        let params = RunParams::default();
        let new = NewRun {
            id: id.clone(),
            job,
            trigger,
            scheduled_for: Some(decision.tick),
            params: &params,
            note: "",
            retry_of: None,
        };
        store::insert_run(transaction, &new, slot.as_ref().map(|_| claimant)).await?;
        Ok(slot.map(|slot| {
            let fence = Fence { run: id.clone(), owner: claimant.owner.clone(), number: 1 };
            let run = claimed(id, job, trigger, decision.tick, now, &claimant.owner);
            Started { claim: Claim { run, fence }, slot }
        }))
    }

    fn after_commit(&self, job: &str, decisions: &[Decision], started: Vec<Started>, replaced: &[RunId]) {
        let now = self.0.clock.now();
        for decision in decisions {
            self.0.metrics.tick(job, decision.outcome.as_str());
            if decision.outcome == TickOutcome::Fired {
                self.0.metrics.tick_lateness(job, (now - decision.tick).to_std().unwrap_or(Duration::ZERO));
            } else {
                tracing::info!(job, tick = %decision.tick, outcome = %decision.outcome, "tick without a run");
            }
        }
        for id in replaced {
            self.0.executor.cancel(id);
        }
        for Started { claim, slot } in started {
            self.0.executor.start(claim, slot);
        }
        self.0.executor.wake();
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
        total: 0,
        done: 0,
        failed: 0,
        rows: RowCounts::default(),
        error: None,
    }
}
