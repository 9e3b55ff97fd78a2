//! Old answers go, and the oldest of too many.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Archive;
use crate::crawl::store::answers;
use crate::db::{Database, DbError};

const PERIOD: Duration = Duration::from_hours(1);

/// Deletes now and every hour until cancelled. Of an archive that is turned off all goes.
pub async fn keep_archive_house(database: &Database, archive: &Archive, cancel: &CancellationToken) {
    loop {
        match delete(database, archive).await {
            Ok(0) => {}
            Ok(answers) => tracing::info!(answers, "old answers of sources deleted"),
            Err(error) => tracing::warn!(%error, "old answers of sources could not be deleted"),
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
}

async fn delete(database: &Database, archive: &Archive) -> Result<u64, DbError> {
    let settings = &archive.0.settings;
    let old = answers::purge(database.connection(), settings.keep).await?;
    Ok(old + answers::trim(database.connection(), settings.max_bytes.0).await?)
}
