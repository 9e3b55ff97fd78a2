//! Runs whose owner vanished: taken over, resumed from their unfinished tasks, or given up.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    db::{Database, DbError},
    jobs::{Executor, RunState, store, store::Expired},
    metrics::Metrics,
};

/// How often leases are looked at.
const PERIOD: Duration = Duration::from_secs(1);
/// A connection that hangs must not stop the rescue for ever.
const PATIENCE: Duration = Duration::from_secs(20);
/// A run that lost its owner this often is lost itself: it may be what kills them.
const MAX_ATTEMPTS: u32 = 5;

/// Takes over expired runs.
#[derive(Clone)]
pub struct Rescuer {
    pub database: Database,
    pub executor: Executor,
    pub metrics: Arc<Metrics>,
}

impl Rescuer {
    /// Takes over every run whose lease has passed. Gives how many were put back to the queue.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rescue(&self) -> Result<u32, DbError> {
        let connection = self.database.connection();
        let mut queued = 0;
        for expired in store::expired_runs(connection).await? {
            let (state, error) = verdict(&expired);
            if !store::take_over(connection, &expired, state, error).await? {
                continue;
            }
            // Within the run's span, so that its log tells it.
            tracing::info_span!("run", run = %expired.id, job = expired.job)
                .in_scope(|| tracing::warn!(attempt = expired.attempt, %state, "the run's owner vanished"));
            store::cancel_unfinished(connection, &expired.id).await?;
            if state == RunState::Queued {
                self.metrics.orphan_recovered(&expired.job);
                queued += 1;
            } else {
                self.metrics.run_finished(&expired.job, expired.trigger.as_str(), state.as_str());
            }
        }
        if queued > 0 {
            self.executor.wake();
        }
        Ok(queued)
    }
}

fn verdict(expired: &Expired) -> (RunState, Option<&'static str>) {
    if expired.state == RunState::Cancelling {
        (RunState::Cancelled, None)
    } else if expired.attempt >= MAX_ATTEMPTS {
        (RunState::Lost, Some("its owner vanished too often"))
    } else {
        (RunState::Queued, None)
    }
}

/// Rescues until cancelled.
pub async fn run_rescuer(rescuer: &Rescuer, cancel: &CancellationToken) {
    loop {
        match tokio::time::timeout(PATIENCE, rescuer.rescue()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "leases could not be looked at"),
            Err(_) => tracing::warn!("looking at leases took too long"),
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
}
