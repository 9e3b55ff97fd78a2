//! What goes to standard error: one layer whose level and format can be changed while the process runs.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{FilterExt as _, LevelFilter, filter_fn},
    fmt::{
        FmtContext, MakeWriter,
        format::{FormatEvent, FormatFields, Writer},
    },
    registry::LookupSpan,
    reload,
};

use super::{
    TelemetryError,
    fields::SpanFields,
    json::Json,
    settings::{LogFormat, LogSettings, directives},
    text::Text,
    trace::TRACE,
};

/// Changes what is logged, and how, while the process runs. Cheap to clone.
#[derive(Clone)]
pub struct LogHandle {
    filter: reload::Handle<EnvFilter, Registry>,
    as_text: Arc<AtomicBool>,
    rust_log: Option<String>,
    terminal: bool,
}

impl LogHandle {
    /// Logs by these settings from now on. What overrode the level at the start goes on to do so.
    ///
    /// # Errors
    /// When the level is not understood: then nothing changes.
    pub fn set(&self, settings: &LogSettings) -> Result<(), TelemetryError> {
        self.filter.reload(filter(settings, self.rust_log.as_deref())?)?;
        self.as_text.store(is_text(settings.format, self.terminal), Ordering::Relaxed);
        Ok(())
    }
}

/// The layer, and what changes it.
pub(super) fn layer<W>(
    settings: &LogSettings,
    rust_log: Option<&str>,
    terminal: bool,
    writer: W,
) -> Result<(impl Layer<Registry> + Send + Sync + use<W>, LogHandle), TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let (filter, handle) = reload::Layer::new(filter(settings, rust_log)?);
    let as_text = Arc::new(AtomicBool::new(is_text(settings.format, terminal)));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(terminal)
        .event_format(Form { as_text: Arc::clone(&as_text) });
    let spans = filter_fn(is_our_span).with_max_level_hint(LevelFilter::INFO);
    let layer = SpanFields
        .and_then(lines)
        .with_filter(filter.or(spans).and(filter_fn(is_for_logs).with_max_level_hint(LevelFilter::TRACE)));
    Ok((layer, LogHandle { filter: handle, as_text, rust_log: rust_log.map(str::to_owned), terminal }))
}

fn filter(settings: &LogSettings, rust_log: Option<&str>) -> Result<EnvFilter, TelemetryError> {
    let level = rust_log.filter(|level| !level.trim().is_empty()).unwrap_or(&settings.level);
    EnvFilter::builder()
        .parse(directives(level))
        .map_err(|source| TelemetryError::Level { level: level.to_owned(), source })
}

/// Our spans are known at every level: a warning says which run it belongs to, also one that began at another level.
fn is_our_span(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && *metadata.level() <= Level::INFO && metadata.target().starts_with("data_infrastructure")
}

/// Spans for traces alone change no line.
pub(super) fn is_for_logs(metadata: &Metadata<'_>) -> bool {
    metadata.target() != TRACE
}

fn is_text(format: LogFormat, terminal: bool) -> bool {
    match format {
        LogFormat::Auto => terminal,
        LogFormat::Text => true,
        LogFormat::Json => false,
    }
}

/// The one or the other form, as it is set at the moment.
struct Form {
    as_text: Arc<AtomicBool>,
}

impl<S, N> FormatEvent<S, N> for Form
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        if self.as_text.load(Ordering::Relaxed) {
            Text.format_event(context, writer, event)
        } else {
            Json.format_event(context, writer, event)
        }
    }
}
