//! One run from claim to final state.

use std::{convert::Infallible, future::Future, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    STOP_GRACE, Shared, WAY_GRACE, lease,
    stop::{Stop, StopReason},
    tasks,
};
use crate::{
    db::{DbError, is_unavailable},
    jobs::{
        context::RunContext,
        job::JobError,
        registry::Registered,
        run::{Run, RunState, Trigger},
        store::{self, Claim},
    },
};

pub async fn execute(shared: &Shared, claim: Claim, stop: &Stop) {
    let Some(registered) = shared.registry.find(&claim.run.job) else {
        tracing::error!("claimed a run of a job this daemon does not have");
        return;
    };
    let started = Instant::now();
    shared.metrics.run_started(&claim.run.job);
    tracing::info!(trigger = %claim.run.trigger, attempt = claim.run.attempt, "run started");
    let state = tokio::select! {
        state = body(shared, &registered, &claim, stop) => state,
        never = lease::keep(shared, &claim.fence, stop) => match never {},
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
    let problem = match plan(shared, registered, claim, &context, stop).await {
        Ok(unfinished) => {
            let work = tasks::perform_all(shared, registered, &context, claim.run.parallel, unfinished, stop);
            let mut work = std::pin::pin!(work);
            tokio::select! {
                () = &mut work => {}
                () = stop.token().cancelled() => {
                    // Tasks see the token too; what has not ended by then is dropped, and its transaction with it.
                    let grace = if stop.reason() == Some(StopReason::GivingWay) { WAY_GRACE } else { STOP_GRACE };
                    if tokio::time::timeout(grace, work).await.is_err() {
                        tracing::warn!("tasks did not end in time and were dropped");
                    }
                }
            }
            None
        }
        Err(error) => Some(error.to_string()),
    };
    end(shared, claim, stop, problem).await
}

/// The tasks still to do; planned now when the run is new.
async fn plan(
    shared: &Shared,
    registered: &Registered,
    claim: &Claim,
    context: &RunContext,
    stop: &Stop,
) -> Result<Vec<(String, u32)>, JobError> {
    let connection = shared.database.connection();
    if claim.run.total == 0 {
        let keys = match &context.retry_of {
            Some(earlier) => persist(stop, || store::failed_keys(connection, earlier)).await?,
            None => plan_by_job(registered, context, stop).await?,
        };
        if !persist(stop, || store::plan_tasks(&shared.database, &claim.fence, &keys)).await? {
            lost(shared, claim, stop);
        }
    }
    Ok(persist(stop, || store::unfinished_tasks(connection, &claim.run.id)).await?)
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

async fn end(shared: &Shared, claim: &Claim, stop: &Stop, problem: Option<String>) -> Option<RunState> {
    let connection = shared.database.connection();
    let run = match persist(stop, || store::find_run(connection, &claim.run.id)).await {
        Ok(Some(run)) => run,
        Ok(None) => return None,
        Err(error) => {
            tracing::warn!(%error, "the run could not be ended; its lease will expire and it will be taken over");
            return None;
        }
    };
    let settled = || stop.settling().is_cancelled().then_some(StopReason::GivingWay);
    let (state, error) = match (stop.reason().or_else(settled), problem) {
        (Some(StopReason::LeaseLost), _) => return None,
        (Some(StopReason::Draining | StopReason::GivingWay), _)
            if run.done + run.failed < run.total || run.total == 0 =>
        {
            if release(shared, claim, stop).await {
                return None;
            }
            (RunState::Cancelled, None)
        }
        (Some(StopReason::Requested), _) => (RunState::Cancelled, None),
        (Some(StopReason::TimedOut), _) => (RunState::TimedOut, Some("longer than the job's timeout".to_owned())),
        (_, Some(problem)) => (RunState::Failed, Some(problem)),
        (_, None) => by_counts(&run),
    };
    let written = persist(stop, || store::finish_run(connection, &claim.fence, state, error.as_deref())).await;
    match written {
        Ok(true) => {
            if let Err(error) = store::cancel_unfinished(connection, &run.id).await {
                tracing::warn!(%error, "the tasks left undone could not be marked");
            }
            report(shared, &run, state, error.as_deref()).await;
            Some(state)
        }
        Ok(false) => {
            lost(shared, claim, stop);
            None
        }
        Err(error) => {
            tracing::warn!(%error, "the run's end could not be written; it will be taken over");
            None
        }
    }
}

/// Puts the run back to the queue. False when its end was asked for meanwhile, or it is no longer ours.
async fn release(shared: &Shared, claim: &Claim, stop: &Stop) -> bool {
    let connection = shared.database.connection();
    if let Err(error) = persist(stop, || store::undo_starts(connection, &claim.fence)).await {
        tracing::warn!(%error, "the tasks that were stopped will have one attempt less");
    }
    match persist(stop, || store::release_run(connection, &claim.fence)).await {
        Ok(true) => tracing::info!("run put back to the queue with its finished tasks"),
        Ok(false) => return false,
        Err(error) => tracing::warn!(%error, "the run could not be put back; its lease will expire"),
    }
    true
}

fn by_counts(run: &Run) -> (RunState, Option<String>) {
    match (run.failed, run.done) {
        (0, _) => (RunState::Succeeded, None),
        (1, 0) => (RunState::Failed, Some("its only task failed".to_owned())),
        (failed, 0) => (RunState::Failed, Some(format!("all {failed} tasks failed"))),
        (failed, _) => (RunState::Partial, Some(format!("{failed} of {} tasks failed", run.total))),
    }
}

async fn report(shared: &Shared, run: &Run, state: RunState, error: Option<&str>) {
    if state == RunState::Succeeded {
        if let Err(error) = store::mark_success(shared.database.connection(), &run.job).await {
            tracing::warn!(%error, "the time of the last success could not be written");
        }
        shared.metrics.job_succeeded(&run.job, shared.clock.now());
    }
    tracing::info!(
        %state,
        error,
        tasks = run.total,
        failed = run.failed,
        rows_inserted = run.rows.inserted,
        rows_updated = run.rows.updated,
        rows_rejected = run.rows.rejected,
        "run ended"
    );
}

fn lost(shared: &Shared, claim: &Claim, stop: &Stop) {
    tracing::warn!("the run was taken over by another process; nothing was written");
    shared.metrics.fence_rejected(&claim.run.job);
    stop.trigger(StopReason::LeaseLost);
}

/// Repeats a database call while the database is away, until the run is stopped by its lease or otherwise.
async fn persist<T, F: Future<Output = Result<T, DbError>>>(stop: &Stop, call: impl Fn() -> F) -> Result<T, DbError> {
    loop {
        match call().await {
            Err(error) if is_unavailable(&error) && stop.reason() != Some(StopReason::LeaseLost) => {
                wait_for_database(&error, stop).await;
            }
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
