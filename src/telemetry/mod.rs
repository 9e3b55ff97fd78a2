//! Logs: `tracing` events as text for people or JSON lines for machines, to standard error; and the lines of each run
//! as values, for whoever keeps them.
//!
//! It decides form and filter only; what is worth a line, and which spans carry run, job and request, is decided
//! where it happens.

mod console;
mod fields;
mod json;
pub mod run_log;
pub mod settings;
mod text;

use std::io;

use tracing::Subscriber;
use tracing_subscriber::{Registry, filter::ParseError, fmt::MakeWriter, layer::SubscriberExt as _, reload};

pub use self::console::LogHandle;
use self::{run_log::RunLines, settings::LogSettings};
use crate::clock::Clock;

#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("log level {level:?} is not understood")]
    Level { level: String, source: ParseError },
    #[error("logging is set up already")]
    Twice,
    #[error("the level of the log could not be changed")]
    Reload(#[from] reload::Error),
}

/// Logging as it was set up.
pub struct Logs {
    /// Changes level and format.
    pub handle: LogHandle,
    /// What runs say from now on. When nobody takes it, it is not kept.
    pub run_lines: RunLines,
}

/// Sets up logging for the process, once. `rust_log` overrides the configured level; `clock` dates the lines of runs.
///
/// # Errors
/// When the level is not understood, or logging is set up already.
pub fn init(
    settings: &LogSettings,
    rust_log: Option<&str>,
    stderr_is_terminal: bool,
    clock: &Clock,
) -> Result<Logs, TelemetryError> {
    let (subscriber, logs) = subscriber(settings, rust_log, stderr_is_terminal, clock, io::stderr)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| TelemetryError::Twice)?;
    Ok(logs)
}

/// The subscriber that [`init`] sets, over any writer: a progress bar's, a test's.
///
/// # Errors
/// When the level is not understood.
pub fn subscriber<W>(
    settings: &LogSettings,
    rust_log: Option<&str>,
    terminal: bool,
    clock: &Clock,
    writer: W,
) -> Result<(Box<dyn Subscriber + Send + Sync>, Logs), TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let (console, handle) = console::layer(settings, rust_log, terminal, writer)?;
    let (runs, run_lines) = run_log::layer(clock);
    let subscriber = Registry::default().with(console).with(runs);
    Ok((Box::new(subscriber), Logs { handle, run_lines }))
}

/// The target without the crate's own name: `scheduler::clock`.
fn short(target: &'static str) -> &'static str {
    target.strip_prefix("data_infrastructure::").unwrap_or(target)
}

#[cfg(test)]
mod tests;
