//! One run from claim to final state.

use std::{convert::Infallible, future::Future, time::Duration};

use tokio::time::{Instant, sleep};

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
    };
    let parallel = claim.run.parallel.unwrap_or(registered.settings.parallel).max(1) as usize;
    let (all_ended, problem) = match plan(shared, registered, claim, &context, parallel, stop).await {
        Ok(unfinished) => {
            let work = tasks::perform_all(shared, registered, &context, parallel, unfinished, stop);
            (until_stopped(work, stop).await, None)
        }
        Err(error) => (false, Some(error.to_string())),
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

/// The tasks still to do; planned now when the run is new.
async fn plan(
    shared: &Shared,
    registered: &Registered,
    claim: &Claim,
    context: &RunContext,
    parallel: usize,
    stop: &Stop,
) -> Result<Vec<Todo>, JobError> {
    let connection = shared.database.connection();
    if claim.run.total == 0 {
        let keys = match &context.retry_of {
            Some(earlier) => persist(stop, || store::failed_keys(connection, earlier)).await?,
            None => plan_by_job(registered, context, stop).await?,
        };
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        match persist(stop, || write_down(shared, claim, &keys, parallel)).await? {
            Written::Now => {
                tracing::info!(tasks = keys.len(), "tasks planned");
                return Ok(planned(keys, parallel));
            }
            Written::Before => {}
            Written::NotOurs => {
                lost(shared, claim, stop);
                return Ok(Vec::new());
            }
        }
    } else {
        let ended = claim.run.done + claim.run.failed;
        tracing::info!(tasks = claim.run.total, ended, "run goes on with its unfinished tasks");
    }
    let unfinished = persist(stop, || store::unfinished_tasks(connection, &claim.run.id)).await?;
    Ok(unfinished.into_iter().map(|(key, attempts)| Todo { key, attempts, begun: false }).collect())
}

/// Together with the tasks of other runs that begin now.
async fn write_down(shared: &Shared, claim: &Claim, keys: &[String], begun: usize) -> Result<Written, DbError> {
    let plan = TaskPlan { fence: claim.fence.clone(), keys: keys.to_vec(), begun };
    let write = |plans: Vec<TaskPlan>| async move { store::plan_tasks(&shared.database, &plans).await };
    shared.plans.submit(plan, write).await
}

/// Tasks just written down, the first ones as begun.
fn planned(keys: Vec<String>, begun: usize) -> Vec<Todo> {
    keys.into_iter().enumerate().map(|(at, key)| Todo { key, attempts: 0, begun: at < begun }).collect()
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
    shared.metrics.fence_rejected(&claim.run.job);
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
