//! Logs: `tracing` events as text for people or JSON lines for machines, to standard error.
//!
//! It decides form and filter only; what is worth a line, and which spans carry run, job and request, is decided
//! where it happens.

mod json;
pub mod settings;
mod text;

use std::io;

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::JsonFields;

use self::settings::{LogFormat, LogSettings, directives};

#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("log level {level:?} is not understood")]
    Level { level: String, source: ParseError },
    #[error("logging is set up already")]
    Twice,
}

/// Sets up logging for the process, once. `rust_log` overrides the configured level.
///
/// # Errors
/// When the level is not understood, or logging is set up already.
pub fn init(settings: &LogSettings, rust_log: Option<&str>, stderr_is_terminal: bool) -> Result<(), TelemetryError> {
    let subscriber = subscriber(settings, rust_log, stderr_is_terminal, io::stderr)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| TelemetryError::Twice)
}

/// The subscriber that [`init`] sets, over any writer: a progress bar's, a test's.
///
/// # Errors
/// When the level is not understood.
pub fn subscriber<W>(
    settings: &LogSettings,
    rust_log: Option<&str>,
    terminal: bool,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let level = rust_log.filter(|level| !level.trim().is_empty()).unwrap_or(&settings.level);
    let filter = EnvFilter::builder()
        .parse(directives(level))
        .map_err(|source| TelemetryError::Level { level: level.to_owned(), source })?;
    let builder = tracing_subscriber::fmt().with_writer(writer).with_env_filter(filter);
    let as_text = match settings.format {
        LogFormat::Auto => terminal,
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    Ok(if as_text {
        Box::new(builder.with_ansi(terminal).event_format(text::Text).finish())
    } else {
        Box::new(builder.fmt_fields(JsonFields::new()).event_format(json::Json).finish())
    })
}

/// The target without the crate's own name: `scheduler::clock`.
fn short(target: &str) -> &str {
    target.strip_prefix("data_infrastructure::").unwrap_or(target)
}

#[cfg(test)]
mod tests;
