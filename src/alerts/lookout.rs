//! The loops: each hook is looked for and served on its own, so that a receiver that hangs holds up no other.

use std::{convert::Infallible, future::pending, time::Duration};

use chrono::TimeDelta;
use futures_util::future::{OptionFuture, join_all};
use tokio::{join, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    hook::{Alerts, Hook, Hooks},
    store,
};
use crate::db::DbError;

/// A connection that hangs must not stop the alerts for ever.
const PATIENCE: Duration = Duration::from_secs(20);
/// A whole round of deliveries may take so long.
const ROUND: Duration = Duration::from_mins(5);
/// How often old alerts are deleted.
const TIDY: Duration = Duration::from_hours(1);
/// Alerts are kept so long.
const KEEP: TimeDelta = TimeDelta::days(90);
/// What was kept quiet is needed only while its run may be read again.
const KEEP_QUIET: TimeDelta = TimeDelta::days(2);

/// Looks and tells until cancelled, for whichever hooks there are.
pub async fn run_alerts(alerts: &Alerts, cancel: &CancellationToken) {
    let mut changes = alerts.changes();
    loop {
        let Hooks(hooks) = changes.borrow_and_update().clone();
        // What is cut short is as if the process had died: the rest is for the next one.
        tokio::select! {
            () = cancel.cancelled() => return,
            never = attend_all(alerts, &hooks) => match never {},
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}

async fn attend_all(alerts: &Alerts, hooks: &[Hook]) -> Infallible {
    let attended = hooks.iter().map(|hook| repeat(alerts.period, || alerts.attend(hook)));
    let tidied = hooks.first().map(|first| repeat(TIDY, || alerts.tidy(first)));
    join!(join_all(attended), OptionFuture::from(tidied));
    pending().await
}

async fn repeat<F: Future<Output = ()>>(period: Duration, once: impl Fn() -> F) -> Infallible {
    loop {
        once().await;
        sleep(period).await;
    }
}

impl Alerts {
    async fn attend(&self, hook: &Hook) {
        match tokio::time::timeout(PATIENCE, self.look_for(hook)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(hook = hook.name, %error, "alerts could not be looked for"),
            Err(_) => tracing::warn!(hook = hook.name, "looking for alerts took too long"),
        }
        match tokio::time::timeout(ROUND, self.deliver_for(hook)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(hook = hook.name, %error, "alerts could not be delivered"),
            Err(_) => tracing::warn!(hook = hook.name, "delivering alerts took too long"),
        }
    }

    async fn tidy(&self, hook: &Hook) {
        match self.forget(hook).await {
            Ok(0) => {}
            Ok(alerts) => tracing::info!(alerts, "old alerts deleted"),
            Err(error) => tracing::warn!(%error, "old alerts could not be deleted"),
        }
    }

    async fn forget(&self, hook: &Hook) -> Result<u64, DbError> {
        let connection = self.database.connection();
        // By the database's clock, which any hook's row gives.
        let now = store::meet_hook(connection, &hook.name).await?.now;
        store::forget(connection, now - KEEP, now - KEEP_QUIET).await
    }
}
