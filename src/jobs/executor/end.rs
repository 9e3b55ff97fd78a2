//! How a run ends: in a final state, back in the queue, or in other hands.

use super::{
    Shared,
    execution::{lost, persist},
    stop::{Stop, StopReason},
};
use crate::{
    db::DbError,
    jobs::{
        run::{Run, RunState},
        store::{self, Claim, End},
        trace,
    },
};

/// The final state written; none when the run is no longer ours or went back to the queue.
pub async fn end(
    shared: &Shared,
    claim: &Claim,
    stop: &Stop,
    all_ended: bool,
    problem: Option<String>,
) -> Option<RunState> {
    let settled = stop.settling().is_cancelled().then_some(StopReason::GivingWay);
    let (state, error) = match (stop.reason().or(settled), problem) {
        (Some(StopReason::LeaseLost), _) => return None,
        (Some(StopReason::HandedOver), _) => {
            tracing::info!("another process has the run now");
            return None;
        }
        (Some(StopReason::Draining | StopReason::GivingWay), _) if !all_ended => {
            if release(shared, claim, stop).await {
                return None;
            }
            (Some(RunState::Cancelled), None)
        }
        (Some(StopReason::Requested), _) => (Some(RunState::Cancelled), None),
        (Some(StopReason::TimedOut), _) => (Some(RunState::TimedOut), Some("longer than the job's timeout".to_owned())),
        (_, Some(problem)) => (Some(RunState::Failed), Some(problem)),
        (_, None) => (None, None),
    };
    let end = End { fence: claim.fence.clone(), state, error };
    match persist(stop, || finish(shared, &end)).await {
        Ok(Finish::Ended(run)) => {
            if !all_ended && let Err(error) = store::cancel_unfinished(shared.database.connection(), &run.id).await {
                tracing::warn!(%error, "the tasks left undone could not be marked");
            }
            report(shared, &run).await;
            Some(run.state)
        }
        Ok(Finish::TasksLeft) => {
            tracing::error!("a task has no end: the run's lease is left to expire, and it goes on with what is left");
            None
        }
        Ok(Finish::NotOurs) => {
            lost(shared, claim, stop);
            None
        }
        Err(error) => {
            tracing::warn!(%error, "the run's end could not be written; it will be taken over");
            None
        }
    }
}

enum Finish {
    Ended(Box<Run>),
    /// It cannot end as its tasks did: one of them has not.
    TasksLeft,
    NotOurs,
}

/// Ends the run together with others that end now.
async fn finish(shared: &Shared, end: &End) -> Result<Finish, DbError> {
    let write = |ends: Vec<End>| async move { store::finish_runs(&shared.database, &ends).await };
    if let Some(run) = shared.ends.submit(end.clone(), write).await? {
        return Ok(Finish::Ended(Box::new(run)));
    }
    let connection = shared.database.connection();
    // The answer to an earlier try may have been lost: then the end stands, and it is ours.
    let run = store::find_run(connection, &end.fence.run).await?;
    match run.filter(|run| run.state.is_final() && run.owner.as_ref() == Some(&end.fence.owner)) {
        Some(run) => Ok(Finish::Ended(Box::new(run))),
        None if store::is_ours(connection, &end.fence).await? => Ok(Finish::TasksLeft),
        None => Ok(Finish::NotOurs),
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

async fn report(shared: &Shared, run: &Run) {
    trace::ended(run);
    if run.state == RunState::Succeeded {
        let noted = shared.successes.submit(run.job.clone(), |jobs| note_success(shared, jobs)).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "the time of the last success could not be written");
        }
        shared.metrics.job_succeeded(&run.job, shared.clock.now());
    }
    // Only a line of the log is at stake.
    let rejected_at = shared.registry.rejected_at(run).await.unwrap_or_default();
    tracing::info!(
        state = %run.state,
        error = run.error,
        tasks = run.total,
        failed = run.failed,
        rows_inserted = run.rows.inserted,
        rows_updated = run.rows.updated,
        rows_rejected = run.rows.rejected,
        rejected_at,
        "run ended"
    );
}

async fn note_success(shared: &Shared, jobs: Vec<String>) -> Result<Vec<()>, DbError> {
    let mut names: Vec<&str> = jobs.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    store::mark_success(shared.database.connection(), &names).await?;
    Ok(vec![(); jobs.len()])
}
