//! Keeping a run ours: heartbeats, and giving up before the lease ends.

use std::convert::Infallible;

use tokio::time::{Instant, sleep};

use super::{
    Shared,
    stop::{Stop, StopReason},
};
use crate::jobs::{
    context::Fence,
    store::{self, Heartbeat},
};

/// Extends the lease at a third of its length, for as long as the future is polled. Triggers the stop when somebody
/// asked for the run's end, when the run is lost, or when the database has been away so long that it may be.
pub async fn keep(shared: &Shared, job: &str, fence: &Fence, stop: &Stop) -> Infallible {
    let lease = shared.claimant.lease;
    let beat = lease / 3;
    let mut held_until = Instant::now() + lease;
    loop {
        sleep(beat).await;
        let asked_at = Instant::now();
        // A beat that hangs must not outlive the lease it is meant to extend.
        let answer = tokio::time::timeout(beat, store::heartbeat(shared.control.connection(), fence, lease)).await;
        match answer {
            Ok(Ok(Heartbeat::Ours)) => held_until = asked_at + lease,
            Ok(Ok(Heartbeat::CancelRequested)) => {
                held_until = asked_at + lease;
                stop.trigger(StopReason::Requested);
            }
            Ok(Ok(Heartbeat::Lost)) => {
                if !shared.draining.is_cancelled() {
                    shared.metrics.fence_rejected(job);
                }
                stop.trigger(StopReason::LeaseLost);
                std::future::pending().await
            }
            Ok(Err(error)) => tracing::warn!(%error, "heartbeat failed"),
            Err(_) => tracing::warn!("heartbeat timed out"),
        }
        if Instant::now() + beat / 2 >= held_until {
            stop.trigger(StopReason::LeaseLost);
        }
    }
}
