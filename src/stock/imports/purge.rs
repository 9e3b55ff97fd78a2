//! What is left of imports goes after a while: unfinished ones, and rows that no run loaded.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{db::Database, stock::store::imports};

const PERIOD: Duration = Duration::from_secs(3600);
/// The reading of a file does not take longer.
const UNFINISHED: Duration = Duration::from_hours(6);
/// So long the failed tasks of an import can be run again.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// Removes now and every hour until cancelled.
pub async fn run_purge(database: &Database, cancel: &CancellationToken) {
    loop {
        match imports::purge(database.connection(), UNFINISHED, KEPT).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "old imports forgotten"),
            Err(error) => tracing::warn!(%error, "old imports could not be forgotten"),
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
}
