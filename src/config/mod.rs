//! The configuration as a whole: built-in < file < environment.
//!
//! Each section is defined by its owner; here they are only put together. Nothing but `cli` and `app` uses this.

mod environment;
mod source;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use crate::alerts::settings::AlertSettings;
use crate::crawl::archive::settings::ArchiveSettings;
use crate::db::settings::DatabaseSettings;
use crate::fx::settings::FxSettings;
use crate::http::settings::ServerSettings;
use crate::settings::{Document, Effective, Inputs, Place, Problem, Problems};
use crate::stock::settings::StockSettings;
use crate::telemetry::{settings::LogSettings, trace::settings::TelemetrySettings};

pub use source::ConfigSource;

/// The file that is read when it exists and no other is named, in the working directory.
pub const DEFAULT_FILE: &str = "config.toml";

#[derive(Clone, Debug)]
pub struct Config {
    pub server: ServerSettings,
    pub database: DatabaseSettings,
    pub log: LogSettings,
    pub telemetry: TelemetrySettings,
    pub alerts: AlertSettings,
    pub archive: ArchiveSettings,
    pub stock: StockSettings,
    pub fx: FxSettings,
    effective: Effective,
}

impl Config {
    /// The configuration as it was loaded: every key, what it is and where it came from, secrets masked.
    /// As TOML it reads back as the same configuration, secrets apart.
    #[must_use]
    pub const fn effective_toml(&self) -> &Effective {
        &self.effective
    }
}

/// Loads the configuration from the file at `path`, or from [`DEFAULT_FILE`] if there is one, and from the
/// environment variables `env`.
///
/// # Errors
/// Every problem at once: a named file that cannot be read, no TOML, unknown keys, values that do not serve.
pub fn load(path: Option<&Path>, env: &BTreeMap<String, String>) -> Result<Config, Problems> {
    let file = path.unwrap_or(Path::new(DEFAULT_FILE));
    let mut inputs = Inputs::default();
    match inputs.read(file) {
        Ok(text) => read(inputs, Some((file, &text)), env),
        Err(error) if path.is_none() && error.kind() == ErrorKind::NotFound => parse(None, env),
        Err(error) => Err(Problems::from(Problem {
            place: Place::File { path: file.to_owned(), line: None },
            key: String::new(),
            wrong: format!("cannot read the file: {error}"),
            right: "name a readable TOML file with --config, or none for the built-in defaults".to_owned(),
        })
        .with_inputs(inputs)),
    }
}

/// The same from a text under the name of its file, or from none.
///
/// # Errors
/// Every problem at once, as [`load`].
pub fn parse(file: Option<(&Path, &str)>, env: &BTreeMap<String, String>) -> Result<Config, Problems> {
    read(Inputs::default(), file, env)
}

fn read(inputs: Inputs, file: Option<(&Path, &str)>, env: &BTreeMap<String, String>) -> Result<Config, Problems> {
    let document = Document::new().with_inputs(inputs.clone());
    let document = match file {
        Some((path, text)) => {
            document.with_file(path, text).map_err(|problem| Problems::from(problem).with_inputs(inputs))?
        }
        None => document,
    };
    let document = environment::apply(document, env);
    let (sections, effective) = document.read(|root| {
        (
            ServerSettings::read(&mut root.table("server")),
            DatabaseSettings::read(&mut root.table("database")),
            LogSettings::read(&mut root.table("log")),
            TelemetrySettings::read(&mut root.table("telemetry")),
            AlertSettings::read(&mut root.table("alerts")),
            ArchiveSettings::read(&mut root.table("archive")),
            StockSettings::read(root),
            FxSettings::read(root),
        )
    })?;
    let (server, database, log, telemetry, alerts, archive, stock, fx) = sections;
    Ok(Config { server, database, log, telemetry, alerts, archive, stock, fx, effective })
}

#[cfg(test)]
mod tests;
