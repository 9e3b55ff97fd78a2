//! Runs whose owner vanished: taken over, resumed from their unfinished tasks, or given up.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, timeout};
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
/// A look that took longer waited for the database: it was away, and nobody could extend a lease.
const SLOW: Duration = Duration::from_secs(2);
/// For so long after an outage a run is left to its owner, who lives as this process does and goes on at no cost.
const OWNERS_FIRST: Duration = Duration::from_secs(5);
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
        let expired = store::expired_runs(self.database.connection()).await?;
        self.take_over(expired, true).await
    }

    /// Takes over these runs, those of others only where `all`.
    async fn take_over(&self, expired: Vec<Expired>, all: bool) -> Result<u32, DbError> {
        let connection = self.database.connection();
        let mut queued = 0;
        for expired in expired {
            if expired.state == RunState::Running && self.executor.gave_up(&expired.id, expired.fence) {
                queued += u32::from(self.go_on(&expired).await?);
                continue;
            }
            let (state, error) = verdict(&expired);
            if !all || !store::take_over(connection, &expired, state, error).await? {
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

impl Rescuer {
    /// Has a run of this process go on, which lives.
    async fn go_on(&self, expired: &Expired) -> Result<bool, DbError> {
        let back = store::put_back(&self.database, expired).await?;
        if back {
            let note = "its lease ended while the database was away; the run goes on";
            tracing::info_span!("run", run = %expired.id, job = expired.job).in_scope(|| tracing::warn!("{note}"));
        }
        Ok(back)
    }

    /// As [`rescue`](Self::rescue), but while and shortly after the database was away only runs of this process.
    async fn look(&self, owners_until: &mut Instant) -> Result<(), DbError> {
        let begun = Instant::now();
        let expired = store::expired_runs(self.database.connection()).await;
        if expired.is_err() || begun.elapsed() > SLOW {
            *owners_until = Instant::now() + OWNERS_FIRST;
        }
        self.take_over(expired?, Instant::now() >= *owners_until).await.map(drop)
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
    let mut owners_until = Instant::now();
    loop {
        match timeout(PATIENCE, rescuer.look(&mut owners_until)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "leases could not be looked at"),
            Err(_) => {
                owners_until = Instant::now() + OWNERS_FIRST;
                tracing::warn!("looking at leases took too long");
            }
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
}
