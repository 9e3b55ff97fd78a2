//! Reaching the database and bringing its tables up to date, however long it takes.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    config::{Config, ConfigSource},
    db::{self, Database, DbError, Migrating, settings::DatabaseUrl},
    http::Health,
    metrics::Metrics,
    settings::Place,
    told,
    told::Told,
};

const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connects and migrates, trying again with growing waits; none when cancelled before. `health` hears each reason,
/// `metrics` whether the database answers, and `source` is asked before each attempt whether user or password have
/// changed.
pub async fn connect_patiently(
    config: &Config,
    source: Option<&ConfigSource>,
    health: &Health,
    metrics: &Metrics,
    cancel: &CancellationToken,
) -> Option<Database> {
    let mut start = Start { config, health, metrics, url: config.database.url.clone(), database: None };
    let mut wait = FIRST_WAIT;
    loop {
        let error = tokio::select! {
            () = cancel.cancelled() => return None,
            ready = start.attempt() => match ready {
                Ok(database) => {
                    metrics.database_migrated();
                    return Some(database);
                }
                Err(error) => error,
            },
        };
        tracing::warn!(error = db::said(&error), wait_ms = wait.as_millis(), "the database is not ready; trying again");
        start.tell(&error);
        tokio::select! {
            () = cancel.cancelled() => return None,
            () = tokio::time::sleep(wait) => {}
        }
        wait = (wait * 2).min(LONGEST_WAIT);
        start.follow(source);
    }
}

/// A start that is not over.
struct Start<'a> {
    config: &'a Config,
    health: &'a Health,
    metrics: &'a Metrics,
    url: DatabaseUrl,
    database: Option<Database>,
}

impl Start<'_> {
    async fn attempt(&mut self) -> Result<Database, DbError> {
        let attempt = self.connect_and_migrate().await;
        if attempt.is_err() {
            self.metrics.database_reachable(self.is_answered().await);
        }
        attempt
    }

    /// Whether the database answers, whatever its tables are like.
    async fn is_answered(&self) -> bool {
        let Some(database) = &self.database else { return false };
        matches!(tokio::time::timeout(PATIENCE, database.ping()).await, Ok(Ok(())))
    }

    async fn connect_and_migrate(&mut self) -> Result<Database, DbError> {
        let database = if let Some(database) = &self.database {
            database.clone()
        } else {
            let database = Database::connect(self.url.expose(), self.config.database.max_connections).await?;
            self.health.set_connected(database.clone());
            self.metrics.database_reachable(true);
            self.database.insert(database).clone()
        };
        if self.config.database.migrate_on_start {
            db::migrate_up_telling(self.url.expose(), |at| self.health.set_not_migrated(migrating(at))).await?;
            return Ok(database);
        }
        db::compatible(database.connection()).await?;
        let states = db::migration_status(&database).await?;
        let missing: Vec<&str> = states.iter().filter(|m| !m.applied).map(|m| m.name.as_str()).collect();
        if missing.is_empty() {
            return Ok(database);
        }
        Err(DbError::Migration(format!("not applied: {}; run `datainfra migrate up`", missing.join(", "))))
    }

    fn tell(&self, error: &DbError) {
        if self.database.is_none() {
            return self.health.set_unreachable(db::said(error));
        }
        let error = db::said(error);
        self.health.set_not_migrated(told!(
            "the tables are not up to date: {error}",
            "テーブルが最新の形ではありません（{error}）"
        ));
    }

    /// Another user or password counts from the next attempt on.
    fn follow(&mut self, source: Option<&ConfigSource>) {
        let Some(Ok(new)) = source.map(ConfigSource::load) else { return };
        let url = new.database.url;
        if !url.is_same_place(&self.url) {
            return;
        }
        if let Some(database) = &self.database
            && let Err(error) = database.set_address(url.expose())
        {
            return tracing::warn!(%error, "the new address of the database is none");
        }
        self.url = url;
    }
}

fn migrating(at: Migrating) -> Told {
    match at {
        Migrating::Here => told!("the tables are being brought up to date", "テーブルを最新の形に更新しています"),
        Migrating::Another => told!(
            "another process is bringing the tables up to date, and this one waits for it",
            "別のプロセスがテーブルを最新の形に更新しているため、終わるのを待っています"
        ),
    }
}

/// Connects once.
///
/// # Errors
/// Why the database cannot be reached, and where its address stands.
pub async fn connect(config: &Config) -> anyhow::Result<Database> {
    let connected = Database::connect(config.database.url.expose(), config.database.max_connections).await;
    connected.map_err(|error| {
        let entries = config.effective_toml().entries();
        let place = entries.iter().find(|entry| entry.section == ["database"] && entry.key == "url");
        let place = place.map_or(&Place::BuiltIn, |entry| &entry.place);
        anyhow::anyhow!("{}; check database.url ({place})", db::said(&error))
    })
}
