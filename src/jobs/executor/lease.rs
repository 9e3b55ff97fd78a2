//! Keeping a run ours: heartbeats, and giving up before the lease ends.

use std::{convert::Infallible, time::Duration};

use tokio::time::{Instant, error::Elapsed, sleep, timeout, timeout_at};

use super::{
    Shared,
    stop::{Stop, StopReason},
};
use crate::{
    db::DbError,
    jobs::{
        context::Fence,
        store::{self, Heartbeat},
    },
};

/// Extends the lease at a third of its length, for as long as the future is polled. Triggers the stop when somebody
/// asked for the run's end, when the run is lost, or when the lease could not be extended: then before it ends.
pub async fn keep(shared: &Shared, job: &str, fence: &Fence, stop: &Stop) -> Infallible {
    let lease = shared.claimant.lease;
    let beat = lease / 3;
    let (mut held_until, mut wait) = (Instant::now() + lease, beat);
    loop {
        // Tasks get the rest of the lease to let go.
        let answer = timeout_at(held_until - lease / 6, next_beat(shared, fence, wait)).await;
        wait = beat;
        match answer {
            Ok((asked_at, Ok(Ok(Heartbeat::Ours)))) => held_until = asked_at + lease,
            Ok((asked_at, Ok(Ok(Heartbeat::CancelRequested)))) => {
                held_until = asked_at + lease;
                stop.trigger(StopReason::Requested);
            }
            Ok((_, Ok(Ok(Heartbeat::Lost)))) => {
                // Not where the run has just ended here, or its lease has and nobody came.
                if is_taken(shared, fence).await {
                    shared.fence_rejected(job);
                } else {
                    shared.give_up(fence);
                }
                break;
            }
            Ok((_, Ok(Err(error)))) => {
                tracing::warn!(%error, "heartbeat failed");
                wait = beat / 4;
            }
            Ok((_, Err(_))) => tracing::warn!("heartbeat timed out"),
            Err(_) => {
                tracing::warn!("the lease could not be extended: the run is given up before it ends");
                shared.give_up(fence);
                break;
            }
        }
    }
    stop.trigger(StopReason::LeaseLost);
    std::future::pending().await
}

/// When the database was asked, and what it said; a beat that hangs is not waited for until the next one is due.
async fn next_beat(
    shared: &Shared,
    fence: &Fence,
    wait: Duration,
) -> (Instant, Result<Result<Heartbeat, DbError>, Elapsed>) {
    sleep(wait).await;
    let (asked_at, lease) = (Instant::now(), shared.claimant.lease);
    (asked_at, timeout(lease / 3, store::heartbeat(shared.control.connection(), fence, lease)).await)
}

async fn is_taken(shared: &Shared, fence: &Fence) -> bool {
    let ours = store::still_owned(shared.control.connection(), &fence.owner, &[fence.run.as_str()]).await;
    ours.is_ok_and(|ours| !ours.contains(&(fence.run.clone(), fence.number)))
}
