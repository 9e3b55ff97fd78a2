//! The next years' partitions are there before their first row is.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::last_day;
use crate::{
    clock::Clock,
    db::{Database, DbError},
    stock::store::partitions,
};

const PERIOD: Duration = Duration::from_hours(1);

/// Looks now and every hour until cancelled. On every replica; one of them makes what is missing.
pub async fn keep_ahead(database: &Database, clock: &Clock, cancel: &CancellationToken) {
    loop {
        if let Err(error) = look_ahead(database, clock).await {
            tracing::warn!(%error, "the next partitions of the tables could not be made");
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
}

/// Makes what is missing where the tables are partitioned, and gives the names of what was made.
///
/// # Errors
/// What the database says; the default partition takes the rows until then.
pub async fn look_ahead(database: &Database, clock: &Clock) -> Result<Vec<String>, DbError> {
    if !database.is_postgres() {
        return Ok(Vec::new());
    }
    let made = partitions::extend(database, last_day(clock)).await?;
    if !made.is_empty() {
        tracing::info!(partitions = made.join(", "), "partitions for rows to come made");
    }
    Ok(made)
}
