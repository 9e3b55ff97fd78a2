//! The way down: no new runs, those under way to their end, into other hands, or back to the queue.

use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::{Executor, SLOTS, STOP_GRACE, stop::StopReason};
use crate::{
    db::DbError,
    jobs::{run::RunId, store},
};

/// How often an ending process looks whether another has taken its runs.
const LOOK: Duration = Duration::from_millis(200);
/// What claims get that are under way when the drain begins: of a database that is away nobody waits for the answer.
const CLAIMS: Duration = Duration::from_secs(5);

impl Executor {
    /// Takes no new runs and offers the running ones to other processes; those that nobody takes get `grace` to end,
    /// and the rest goes back to the queue.
    pub async fn drain(&self, grace: Duration) {
        self.0.draining.cancel();
        self.0.tracker.close();
        // What is left after it suffices for stopped runs to end and be put back.
        let last = STOP_GRACE + Duration::from_secs(1);
        let patience = grace.saturating_sub(last).max(grace / 2);
        let claimed_by = Instant::now() + CLAIMS;
        if !self.ended_or_taken(patience, claimed_by).await {
            for stop in self.0.live().values() {
                stop.trigger(StopReason::Draining);
            }
            if timeout(last, self.all_ended(claimed_by)).await.is_err() {
                tracing::warn!("runs did not end in time; their leases will expire");
            }
        }
    }

    /// Waits until no run is left here. False when some are after `patience`.
    async fn ended_or_taken(&self, patience: Duration, claimed_by: Instant) -> bool {
        let until = Instant::now() + patience;
        // SQLite has one process: nobody else could take them.
        let mut offered = !self.0.database.is_postgres();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if timeout(left.min(LOOK), self.all_ended(claimed_by)).await.is_ok() {
                return true;
            }
            if left.is_zero() {
                return false;
            }
            if !offered {
                offered = self.offer().await;
            } else if self.0.database.is_postgres()
                && let Err(error) = self.let_go().await
            {
                tracing::debug!(%error, "whether runs were taken could not be read");
            }
        }
    }

    /// Waits until nothing is executed here and, until `claimed_by`, until nobody is left who took a slot before the
    /// drain: he may commit a claim yet, and start its run.
    async fn all_ended(&self, claimed_by: Instant) {
        self.0.tracker.wait().await;
        if let Ok(Ok(all)) = timeout_at(claimed_by, self.0.slots.acquire_many(SLOTS)).await {
            self.0.slots.close();
            drop(all);
        }
        self.0.tracker.wait().await;
    }

    async fn offer(&self) -> bool {
        match store::offer_runs(self.0.control.connection(), &self.0.claimant.owner).await {
            Ok(runs) => {
                tracing::info!(runs, "running runs offered to other processes");
                true
            }
            Err(error) => {
                tracing::warn!(%error, "the running runs could not be offered; trying again");
                false
            }
        }
    }

    /// Stops the runs that another process has taken.
    async fn let_go(&self) -> Result<(), DbError> {
        let live: Vec<(RunId, i64)> = self.0.live().keys().cloned().collect();
        let ids: Vec<&str> = live.iter().map(|(run, _)| run.as_str()).collect();
        let ours = store::still_owned(self.0.control.connection(), &self.0.claimant.owner, &ids).await?;
        for key in live.iter().filter(|key| !ours.contains(key)) {
            if let Some(stop) = self.0.live().get(key) {
                stop.trigger(StopReason::HandedOver);
            }
        }
        Ok(())
    }
}
