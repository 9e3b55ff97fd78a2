//! What most commands begin with: configuration, logs, database.

use std::{collections::BTreeMap, io::IsTerminal as _, path::Path};

use super::{outcome::Outcome, schema};
use crate::{
    app,
    audit::Actor,
    config::{self, Config},
    db::{self, Database},
    telemetry::{self, Logs},
};

/// The environment, read once.
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Whoever types the command, as the environment says: what the command changes is changed in this name.
pub fn actor() -> Actor {
    let environment = environment();
    let given = |name: &str| environment.get(name).map(String::as_str).filter(|user| !user.trim().is_empty());
    Actor::cli(given("USER").or_else(|| given("LOGNAME")))
}

/// # Errors
/// Every problem of the configuration, exit status 2.
pub fn load(path: Option<&Path>) -> Result<Config, Outcome> {
    config::load(path, &environment()).map_err(Outcome::usage)
}

/// Logs as configured, for a daemon.
///
/// # Errors
/// When the level is not understood.
pub fn log(config: &Config) -> Result<Logs, Outcome> {
    log_at(config, None)
}

/// Warnings only, for a command that prints its own result, unless a level was asked for.
///
/// # Errors
/// When the level is not understood.
pub fn log_quietly(config: &Config) -> Result<Logs, Outcome> {
    log_at(config, Some(quiet_level(config)))
}

fn log_at(config: &Config, level: Option<&str>) -> Result<Logs, Outcome> {
    let terminal = std::io::stderr().is_terminal();
    telemetry::init(&config.log, &config.telemetry, level, terminal, &app::system_clock()).map_err(Outcome::usage)
}

pub fn quiet_level(config: &Config) -> &str {
    let asked = environment().contains_key("RUST_LOG") || config.log.level != "info";
    if asked { &config.log.level } else { "warn" }
}

/// Connects and brings the schema up to date.
///
/// # Errors
/// When the database cannot be reached or migrated.
pub async fn database(config: &Config) -> Result<Database, Outcome> {
    let database = app::connect(config).await?;
    if config.database.migrate_on_start {
        let migrated = db::migrate_up(config.database.url.expose()).await?;
        schema::record(&database, &actor(), "schema.up", &migrated, "database.migrate_on_start").await?;
    } else {
        db::compatible(database.connection()).await?;
    }
    Ok(database)
}
