//! Old runs, ticks and backfills are deleted after each job's `keep_runs`, idempotency keys after a day, the audit
//! after a year.

use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use crate::{audit, clock::Clock, db::Database, jobs::Registry, jobs::store};

const PERIOD: Duration = Duration::from_secs(3600);
/// A client that repeats a request does so within this time.
const KEEP_KEYS: TimeDelta = TimeDelta::hours(24);
/// Who changed what is asked within this time.
const KEEP_AUDIT: TimeDelta = TimeDelta::days(365);

/// Deletes now and every hour until cancelled.
pub async fn purge_old_runs(database: &Database, registry: &Registry, clock: &Clock, cancel: &CancellationToken) {
    loop {
        for registered in registry.all() {
            let job = registered.name();
            let keep = TimeDelta::from_std(registered.settings.keep_runs).unwrap_or(TimeDelta::MAX);
            let Some(before) = clock.now().checked_sub_signed(keep) else { continue };
            match store::purge_runs(database.connection(), job, before).await {
                Ok(0) => {}
                Ok(runs) => tracing::info!(job, runs, "old runs deleted"),
                Err(error) => tracing::warn!(job, %error, "old runs could not be deleted"),
            }
            if let Err(error) = store::purge_backfills(database.connection(), job, before).await {
                tracing::warn!(job, %error, "old backfills could not be deleted");
            }
        }
        if let Err(error) = store::forget_before(database.connection(), clock.now() - KEEP_KEYS).await {
            tracing::warn!(%error, "old idempotency keys could not be deleted");
        }
        if let Err(error) = audit::store::purge(database.connection(), clock.now() - KEEP_AUDIT).await {
            tracing::warn!(%error, "old rows of the audit could not be deleted");
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
}
