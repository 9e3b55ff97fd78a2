//! Logs: `tracing` events as text for people or JSON lines for machines, to standard error; the lines of each run as
//! values, for whoever keeps them; and traces, for a collector.
//!
//! It decides form and filter only; what is worth a line, and which spans carry run, job and request, is decided
//! where it happens.

mod console;
mod fields;
mod json;
#[cfg(feature = "otlp")]
mod otlp;
pub mod run_log;
pub mod settings;
mod text;
pub mod trace;

use std::io;

use tracing::Subscriber;
use tracing_subscriber::{
    Registry, filter::ParseError, fmt::MakeWriter, layer::SubscriberExt as _, registry::LookupSpan, reload,
};

pub use self::console::LogHandle;
use self::{
    run_log::RunLines,
    settings::LogSettings,
    trace::{Traces, settings::TelemetrySettings},
};
use crate::clock::Clock;

#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("log level {level:?} is not understood")]
    Level { level: String, source: ParseError },
    #[error("logging is set up already")]
    Twice,
    #[error("the level of the log could not be changed")]
    Reload(#[from] reload::Error),
    #[error("traces cannot be sent: {0:#}")]
    Collector(anyhow::Error),
}

/// Logging as it was set up.
pub struct Logs {
    /// Changes level and format.
    pub handle: LogHandle,
    /// What runs say from now on. When nobody takes it, it is not kept.
    pub run_lines: RunLines,
    /// Spans from now on, where there is a collector. When nobody sends them, they are dropped.
    pub traces: Traces,
}

/// A subscriber of whatever layers.
pub type BoxedSubscriber = Box<dyn Subscriber + Send + Sync>;

/// Sets up logging for the process, once. `rust_log` overrides the configured level; `clock` dates the lines of runs.
///
/// # Errors
/// When the level is not understood, traces cannot be sent as configured, or logging is set up already.
pub fn init(
    settings: &LogSettings,
    telemetry: &TelemetrySettings,
    rust_log: Option<&str>,
    stderr_is_terminal: bool,
    clock: &Clock,
) -> Result<Logs, TelemetryError> {
    let (subscriber, logs) = traced_subscriber(settings, telemetry, rust_log, stderr_is_terminal, clock, io::stderr)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| TelemetryError::Twice)?;
    Ok(logs)
}

/// The subscriber that [`init`] sets without a collector, over any writer: a test's.
///
/// # Errors
/// When the level is not understood.
pub fn subscriber<W>(
    settings: &LogSettings,
    rust_log: Option<&str>,
    terminal: bool,
    clock: &Clock,
    writer: W,
) -> Result<(BoxedSubscriber, Logs), TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let (lines, logs) = lines(settings, rust_log, terminal, clock, writer)?;
    Ok((Box::new(lines), logs))
}

/// What takes the lines for the console and for the runs, and no spans.
fn lines<W>(
    settings: &LogSettings,
    rust_log: Option<&str>,
    terminal: bool,
    clock: &Clock,
    writer: W,
) -> Result<(impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync + use<W>, Logs), TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let (console, handle) = console::layer(settings, rust_log, terminal, writer)?;
    let (runs, run_lines) = run_log::layer(clock);
    let lines = Registry::default().with(console).with(runs);
    Ok((lines, Logs { handle, run_lines, traces: Traces::default() }))
}

/// The subscriber that [`init`] sets, over any writer: a progress bar's.
///
/// # Errors
/// When the level is not understood, or traces cannot be sent as configured.
pub fn traced_subscriber<W>(
    settings: &LogSettings,
    telemetry: &TelemetrySettings,
    rust_log: Option<&str>,
    terminal: bool,
    clock: &Clock,
    writer: W,
) -> Result<(BoxedSubscriber, Logs), TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    #[cfg(feature = "otlp")]
    if let Some((spans, traces)) = otlp::layer(telemetry)? {
        let (lines, logs) = lines(settings, rust_log, terminal, clock, writer)?;
        return Ok((Box::new(lines.with(spans)), Logs { traces, ..logs }));
    }
    #[cfg(not(feature = "otlp"))]
    let _ = telemetry;
    subscriber(settings, rust_log, terminal, clock, writer)
}

/// The target without the crate's own name: `scheduler::clock`.
fn short(target: &'static str) -> &'static str {
    target.strip_prefix("data_infrastructure::").unwrap_or(target)
}

#[cfg(test)]
mod tests;
