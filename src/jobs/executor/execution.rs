//! One run from claim to final state.

use std::{convert::Infallible, future::Future, time::Duration};

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{
    STOP_GRACE, Shared, WAY_GRACE,
    attempt::Todo,
    end::end,
    lease,
    stop::{Stop, StopReason},
    tasks,
};
use crate::{
    db::{DbError, is_unavailable},
    jobs::{
        context::RunContext,
        job::JobError,
        registry::Registered,
        run::{RunState, Trigger},
        store::{self, Claim, TaskPlan, Written},
    },
    telemetry::trace::TRACE,
};

pub async fn execute(shared: &Shared, claim: Claim, stop: &Stop) {
    let Some(registered) = shared.registry.find(&claim.run.job) else {
        tracing::error!("claimed a run of a job this daemon does not have");
        return;
    };
    let started = Instant::now();
    shared.metrics.run_started(&claim.run.job);
    tracing::info!(trigger = %claim.run.trigger, attempt = claim.run.attempt, owner = claim.fence.owner, "run started");
    let state = tokio::select! {
        state = body(shared, &registered, &claim, stop) => state,
        never = lease::keep(shared, registered.name(), &claim.fence, stop) => match never {},
        never = time_out(registered.settings.timeout, claim.run.trigger, stop) => match never {},
    };
    shared.metrics.run_ended(
        &claim.run.job,
        claim.run.trigger.as_str(),
        state.map(RunState::as_str),
        started.elapsed(),
    );
}

/// A part of a backfill lasts as long as there is much to do: what may not take longer is one of its tasks.
async fn time_out(timeout: Duration, trigger: Trigger, stop: &Stop) -> Infallible {
    loop {
        tokio::select! {
            () = sleep(timeout) => break,
            () = stop.progress().notified(), if trigger == Trigger::Backfill => {}
        }
    }
    stop.trigger(StopReason::TimedOut);
    std::future::pending().await
}

/// The final state written; none when the run is no longer ours or went back to the queue.
async fn body(shared: &Shared, registered: &Registered, claim: &Claim, stop: &Stop) -> Option<RunState> {
    let context = RunContext {
        fence: claim.fence.clone(),
        params: claim.run.params.clone(),
        retry_of: claim.run.retry_of.clone(),
        database: shared.database.clone(),
        clock: shared.clock.clone(),
        cancel: stop.token().clone(),
        recorded: CancellationToken::new(),
    };
    let parallel = claim.run.parallel.unwrap_or(registered.settings.parallel).max(1) as usize;
    let planned =
        plan(shared, registered, claim, &context, stop).instrument(tracing::info_span!(target: TRACE, "plan"));
    let (all_ended, problem) = match planned.await {
        Ok(Plan::New(keys)) => {
            let work = tasks::perform_all(shared, registered, &context, parallel, new_tasks(&keys, parallel), stop);
            // The first tasks need not wait for their records: they cannot end without them.
            tokio::join!(until_stopped(work, stop), record(shared, claim, &context, &keys, parallel, stop))
        }
        Ok(Plan::Unfinished(todo)) => {
            context.recorded.cancel();
            let work = tasks::perform_all(shared, registered, &context, parallel, todo, stop);
            (until_stopped(work, stop).await, None)
        }
        Err(error) => (false, Some(error.to_string().replace('\0', "\u{fffd}"))),
    };
    end(shared, claim, stop, all_ended, problem).await
}

/// Tasks see the token too; what has not ended a while after it is dropped, and its transaction with it.
async fn until_stopped(work: impl Future<Output = bool>, stop: &Stop) -> bool {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        all_ended = &mut work => return all_ended,
        () = stop.token().cancelled() => {}
    }
    let grace = if stop.reason() == Some(StopReason::GivingWay) { WAY_GRACE } else { STOP_GRACE };
    match tokio::time::timeout(grace, work).await {
        Ok(all_ended) => all_ended,
        Err(_) => {
            tracing::warn!("tasks did not end in time and were dropped");
            false
        }
    }
}

/// The tasks of a run.
enum Plan {
    /// Without records yet.
    New(Vec<String>),
    /// Those an earlier owner left.
    Unfinished(Vec<Todo>),
}

async fn plan(
    shared: &Shared,
    registered: &Registered,
    claim: &Claim,
    context: &RunContext,
    stop: &Stop,
) -> Result<Plan, JobError> {
    let connection = shared.database.connection();
    if claim.run.total == 0 {
        return Ok(Plan::New(match &context.retry_of {
            Some(earlier) => persist(stop, || store::failed_keys(connection, earlier)).await?,
            None => plan_by_job(registered, context, stop).await?,
        }));
    }
    let ended = claim.run.done + claim.run.failed;
    tracing::info!(tasks = claim.run.total, ended, "run goes on with its unfinished tasks");
    let unfinished = persist(stop, || store::unfinished_tasks(connection, &claim.run.id)).await?;
    Ok(Plan::Unfinished(unfinished.into_iter().map(|(key, attempts)| Todo { key, attempts, begun: false }).collect()))
}

/// The tasks of a new run; the records of the first ones say that they have begun.
fn new_tasks(keys: &[String], begun: usize) -> Vec<Todo> {
    keys.iter().enumerate().map(|(at, key)| Todo { key: key.clone(), attempts: 0, begun: at < begun }).collect()
}

/// Writes the tasks down, together with those of other runs that begin now. Gives the reason when it cannot be done.
async fn record(
    shared: &Shared,
    claim: &Claim,
    context: &RunContext,
    keys: &[String],
    begun: usize,
    stop: &Stop,
) -> Option<String> {
    if keys.is_empty() {
        return None;
    }
    let write = |plans: Vec<TaskPlan>| async move { store::plan_tasks(&shared.database, &plans).await };
    let plan = || TaskPlan { fence: claim.fence.clone(), keys: keys.to_vec(), begun };
    match persist(stop, || shared.plans.submit(plan(), write)).await {
        Ok(Written::Now | Written::Before) => {
            tracing::info!(tasks = keys.len(), "tasks planned");
            context.recorded.cancel();
            None
        }
        Ok(Written::NotOurs) => {
            lost(shared, claim, stop);
            None
        }
        Err(error) => {
            stop.trigger(StopReason::Unrecorded);
            Some(format!("database: {error}"))
        }
    }
}

async fn plan_by_job(registered: &Registered, context: &RunContext, stop: &Stop) -> Result<Vec<String>, JobError> {
    loop {
        match registered.job.plan(context).await {
            Err(JobError::Database(error)) if is_unavailable(&error) && stop.reason().is_none() => {
                wait_for_database(&error, stop).await;
            }
            result => return result,
        }
    }
}

pub fn lost(shared: &Shared, claim: &Claim, stop: &Stop) {
    tracing::warn!("the run was taken over by another process; nothing was written");
    shared.fence_rejected(&claim.run.job);
    stop.trigger(StopReason::LeaseLost);
}

/// Repeats a database call while the database is away, until the run is lost.
pub async fn persist<T, F: Future<Output = Result<T, DbError>>>(
    stop: &Stop,
    call: impl Fn() -> F,
) -> Result<T, DbError> {
    loop {
        match call().await {
            Err(error) if is_unavailable(&error) && !stop.is_lost() => wait_for_database(&error, stop).await,
            result => return result,
        }
    }
}

async fn wait_for_database(error: &DbError, stop: &Stop) {
    tracing::warn!(%error, "the database is away; trying again");
    tokio::select! {
        () = sleep(Duration::from_millis(500)) => {}
        // A stop for another reason still wants its end written, without spinning.
        () = stop.token().cancelled() => sleep(Duration::from_millis(100)).await,
    }
}
