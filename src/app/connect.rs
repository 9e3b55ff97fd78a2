//! Reaching the database, however long it takes.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    db::{self, Database, DbError},
};

const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Connects and migrates, trying again with growing waits; none when cancelled before. `tell` hears each reason.
pub async fn connect_patiently(config: &Config, tell: impl Fn(&str), cancel: &CancellationToken) -> Option<Database> {
    let mut wait = FIRST_WAIT;
    loop {
        let error = tokio::select! {
            () = cancel.cancelled() => return None,
            connected = ready(config) => match connected {
                Ok(database) => return Some(database),
                Err(error) => error,
            },
        };
        tracing::warn!(%error, wait_ms = wait.as_millis(), "the database is not ready; trying again");
        tell(&error.to_string());
        tokio::select! {
            () = cancel.cancelled() => return None,
            () = tokio::time::sleep(wait) => {}
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn ready(config: &Config) -> Result<Database, DbError> {
    let database = connect(config).await?;
    if config.database.migrate_on_start {
        db::migrate_up(config.database.url.expose()).await?;
    } else if let Some(pending) = db::migration_status(&database).await?.into_iter().find(|m| !m.applied) {
        return Err(DbError::Migration(format!(
            "migration {} is not applied: run `datainfra migrate up`",
            pending.name
        )));
    }
    Ok(database)
}

/// Connects once.
///
/// # Errors
/// When the database cannot be reached.
pub async fn connect(config: &Config) -> Result<Database, DbError> {
    Database::connect(config.database.url.expose(), config.database.max_connections).await
}
