//! The due ticks of several jobs, recorded with their runs in one transaction.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tracing::Instrument as _;

use super::{
    due::{Active, Decision, decide},
    planner::Planner,
};
use crate::{
    db::{DbError, Transaction},
    jobs::{
        Origin, Registered, RowCounts, Run, RunId, RunParams, RunState, RunTrace, Slot, Tick, TickOutcome, Trigger,
        settings::Overlap,
        store::{self, Claim, Due, Fence, JobState, Live, NewRun},
    },
    telemetry::trace::{self, TRACE},
};

/// Ticks recorded one by one after a long silence; of more, only the newest.
const MOST_TICKS: usize = 10_000;

/// What is decided about one job.
struct Plan<'a> {
    registered: &'a Registered,
    state: JobState,
    decisions: Vec<Decision>,
    /// Its runs must not overlap, and one is active.
    occupied: bool,
}

/// A tick that causes a run.
struct Firing<'a> {
    job: &'a str,
    tick: DateTime<Utc>,
    trigger: Trigger,
    id: RunId,
    /// The run is ours from the start.
    slot: Option<Slot>,
}

/// Plans what is due of these jobs, given in the order of names. Gives each job's state after it; none for a job
/// without a row.
///
/// # Errors
/// What the database says; then nothing was planned, or it is seen by the next look that it was.
pub async fn plan(planner: &Planner, jobs: &[Arc<Registered>]) -> Result<Vec<Option<JobState>>, DbError> {
    let parts = &planner.parts;
    let names: Vec<&str> = jobs.iter().map(|job| job.name()).collect();
    let transaction = parts.database.begin().await?;
    let states = store::lock_jobs(&transaction, &names).await?;
    let now = parts.clock.now();
    let mut plans = decisions(planner, &transaction, jobs, &states, now).await?;
    if !plans.is_empty() {
        let replaced = replace(&transaction, &plans).await?;
        let ticks: usize = plans.iter().map(|plan| plan.decisions.len()).sum();
        let span = tracing::info_span!(target: TRACE, parent: None, "ticks", jobs = plans.len(), ticks);
        let origin = trace::context_of(&span).map(|context| Origin { context, awaited: false });
        let record = async {
            let firings = record(planner, &transaction, &mut plans, now, origin.as_ref()).await?;
            transaction.commit().await?;
            Ok::<_, DbError>(firings)
        };
        let firings = record.instrument(span).await?;
        after_commit(planner, &plans, firings, &replaced, (now, origin));
    }
    let mut after = by_job(&states);
    after.extend(plans.iter().map(|plan| (plan.registered.name(), &plan.state)));
    Ok(jobs.iter().map(|job| after.get(job.name()).copied().cloned()).collect())
}

fn by_job(states: &[JobState]) -> HashMap<&str, &JobState> {
    states.iter().map(|state| (state.job.as_str(), state)).collect()
}

async fn decisions<'a>(
    planner: &Planner,
    transaction: &Transaction,
    jobs: &'a [Arc<Registered>],
    states: &[JobState],
    now: DateTime<Utc>,
) -> Result<Vec<Plan<'a>>, DbError> {
    let mut due = Vec::new();
    let states = by_job(states);
    for (registered, state) in jobs.iter().filter_map(|job| Some((job, *states.get(job.name())?))) {
        let Some(schedule) = planner.timetable.schedule(registered.name(), &state.schedule) else { continue };
        let ticks = schedule.between(state.cursor, now, MOST_TICKS);
        if ticks.len() == MOST_TICKS {
            let job = registered.name();
            tracing::warn!(job, recorded = MOST_TICKS, "more ticks were due than are recorded one by one");
        }
        due.extend(ticks.last().copied().map(|last| (registered, state, ticks, last)));
    }
    let alone: Vec<&str> = due.iter().map(|(job, ..)| job).filter(|job| job.is_exclusive()).map(|j| j.name()).collect();
    let live = if alone.is_empty() { <_>::default() } else { store::live_jobs(transaction, &alone).await? };
    let plan = |(registered, state, ticks, last): (&'a Arc<Registered>, &JobState, Vec<DateTime<Utc>>, _)| {
        let live = live.get(registered.name()).copied().unwrap_or_default();
        let active = Active { running: live.running, waiting: live.waiting };
        let decisions = decide(&ticks, now, state.paused, &registered.settings, active);
        let state = JobState { cursor: last, ..state.clone() };
        Plan { registered, state, decisions, occupied: live != Live::default() }
    };
    Ok(due.into_iter().map(plan).collect())
}

/// Asks the active runs to end that a new one replaces.
async fn replace(transaction: &Transaction, plans: &[Plan<'_>]) -> Result<Vec<RunId>, DbError> {
    let mut replaced = Vec::new();
    for plan in plans.iter().filter(|plan| plan.registered.settings.overlap == Overlap::Replace && plan.occupied) {
        if plan.decisions.iter().any(|decision| decision.trigger.is_some()) {
            replaced.extend(store::request_cancel_of_job(transaction, plan.registered.name()).await?);
        }
    }
    Ok(replaced)
}

/// Records the ticks, makes their runs and moves the cursors. What has its record already causes nothing again.
async fn record<'a>(
    planner: &Planner,
    transaction: &Transaction,
    plans: &mut [Plan<'a>],
    now: DateTime<Utc>,
    origin: Option<&Origin>,
) -> Result<Vec<Firing<'a>>, DbError> {
    let (mut ticks, mut firings) = (Vec::new(), Vec::new());
    for plan in plans.iter() {
        let job = plan.registered.name();
        for Decision { tick, outcome, trigger } in plan.decisions.iter().copied() {
            let id = trigger.map(|_| RunId::generate());
            let lateness_ms = (now - tick).num_milliseconds();
            ticks.push((job, Tick { scheduled_for: tick, outcome, run_id: id.clone(), lateness_ms }));
            firings.extend(id.zip(trigger).map(|(id, trigger)| Firing { job, tick, trigger, id, slot: None }));
        }
        assign(planner, plan, &mut firings);
    }
    let params = RunParams::default();
    let new: Vec<NewRun<'_>> = firings.iter().map(|firing| new_run(firing, &params, origin)).collect();
    let runs: Vec<_> = new.iter().zip(&firings).map(|(run, firing)| (run, firing.slot.is_some())).collect();
    let cursors: Vec<_> = plans.iter().map(|plan| (plan.registered.name(), plan.state.cursor)).collect();
    let claimant = planner.parts.executor.claimant();
    let due = Due { ticks: &ticks, runs: &runs, claimant, cursors: &cursors };
    let new = store::record_due(transaction, due).await?;
    let is_new = |job: &str, tick| new.contains(&(job.to_owned(), tick));
    firings.retain(|firing| is_new(firing.job, firing.tick));
    for plan in plans.iter_mut() {
        let job = plan.registered.name();
        plan.decisions.retain(|decision| is_new(job, decision.tick));
    }
    Ok(firings)
}

/// Takes slots for the runs of a job that may start at once.
fn assign(planner: &Planner, plan: &Plan<'_>, firings: &mut [Firing<'_>]) {
    let exclusive = plan.registered.is_exclusive();
    let mut free = !(exclusive && plan.occupied);
    for firing in firings.iter_mut().filter(|firing| firing.job == plan.registered.name()) {
        if free {
            firing.slot = planner.parts.executor.try_slot();
            free = !(exclusive && firing.slot.is_some());
        }
    }
}

fn new_run<'a>(firing: &Firing<'a>, params: &'a RunParams, origin: Option<&Origin>) -> NewRun<'a> {
    NewRun {
        id: firing.id.clone(),
        job: firing.job,
        trigger: firing.trigger,
        scheduled_for: Some(firing.tick),
        params,
        note: "",
        retry_of: None,
        parallel: None,
        origin: origin.cloned(),
    }
}

fn after_commit(
    planner: &Planner,
    plans: &[Plan<'_>],
    firings: Vec<Firing<'_>>,
    replaced: &[RunId],
    planned: (DateTime<Utc>, Option<Origin>),
) {
    let (executor, metrics, now) = (&planner.parts.executor, &planner.parts.metrics, planner.parts.clock.now());
    let owner = &executor.claimant().owner;
    let mut queued = !replaced.is_empty();
    replaced.iter().for_each(|id| executor.cancel(id));
    for mut firing in firings {
        match firing.slot.take() {
            Some(slot) => {
                let fence = Fence { run: firing.id.clone(), owner: owner.clone(), number: 1 };
                executor.start(Claim { run: claimed(firing, &planned, owner), fence }, slot);
            }
            None => queued = true,
        }
    }
    for (job, decision) in plans.iter().flat_map(|plan| plan.decisions.iter().map(|d| (plan.registered.name(), d))) {
        metrics.tick(job, decision.outcome.as_str());
        if decision.outcome == TickOutcome::Fired {
            metrics.tick_lateness(job, (now - decision.tick).to_std().unwrap_or(Duration::ZERO));
        } else {
            tracing::info!(job, tick = %decision.tick, outcome = %decision.outcome, "tick without a run");
        }
    }
    if queued {
        executor.wake();
    }
}

fn claimed(firing: Firing<'_>, planned: &(DateTime<Utc>, Option<Origin>), owner: &str) -> Run {
    let (now, origin) = planned.clone();
    Run {
        id: firing.id,
        job: firing.job.to_owned(),
        state: RunState::Running,
        trigger: firing.trigger,
        scheduled_for: Some(firing.tick),
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
        trace: RunTrace { fence: 1, origin },
    }
}
