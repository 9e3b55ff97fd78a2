//! How jobs and sources stand and how fresh the data are, looked at again and again: for metrics, and for alerts.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::more_jobs::JobParts;
use crate::{
    alerts::Alerts,
    clock::Clock,
    crawl::overview,
    db::DbError,
    jobs::Registry,
    metrics::Metrics,
    scheduler::Standings,
    stock::{self, calendar::Delays},
};

/// How often.
const EVERY: Duration = Duration::from_secs(15);
/// A connection that hangs must not stop the measuring for ever.
const PATIENCE: Duration = Duration::from_secs(20);
const LONG_PATIENCE: Duration = Duration::from_mins(5);

/// What is looked at, and by which time.
pub struct Measured<'a> {
    pub parts: &'a JobParts,
    pub registry: &'a Registry,
    pub metrics: &'a Metrics,
    pub clock: &'a Clock,
    pub delays: Delays,
}

/// Measures until cancelled.
pub async fn run(measured: &Measured<'_>, alerts: &Alerts, stop: &CancellationToken) {
    let standings = Standings::default();
    loop {
        jobs(measured, &standings).await;
        if tokio::time::timeout(LONG_PATIENCE, data(measured, alerts)).await.is_err() {
            tracing::warn!("measuring the data took too long");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn jobs(measured: &Measured<'_>, standings: &Standings) {
    let Measured { parts, registry, metrics, clock, .. } = measured;
    let measure = standings.measure(parts.database.connection(), registry, metrics, clock.now());
    match tokio::time::timeout(PATIENCE, measure).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "how the jobs stand could not be measured"),
        Err(_) => {
            metrics.database_reachable(false);
            tracing::warn!("the database did not say in time how the jobs stand");
        }
    }
}

async fn data(measured: &Measured<'_>, alerts: &Alerts) {
    let Measured { parts, metrics, clock, .. } = measured;
    if let Err(error) = freshness(measured, alerts).await {
        tracing::warn!(%error, "the freshness of the data could not be measured");
    }
    let sources = overview::measure(parts.database.connection(), &parts.catalogue, metrics, clock.now()).await;
    if let Err(error) = sources {
        tracing::warn!(%error, "the state of the sources could not be measured");
    }
}

async fn freshness(measured: &Measured<'_>, alerts: &Alerts) -> Result<(), DbError> {
    let Measured { parts, metrics, clock, delays, .. } = measured;
    let connection = parts.database.connection();
    stock::jobs::measure_quarantine(connection, metrics).await?;
    for found in stock::jobs::measure(connection, metrics, delays, clock.now()).await? {
        let subject = format!("stock {}", found.country);
        alerts.condition(&subject, found.overdue > 0, &found.to_string()).await?;
    }
    Ok(())
}
