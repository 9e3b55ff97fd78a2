//! A log line for machines: one JSON object with time, level, target, message, then the fields of the event and of
//! its spans side by side, so that `run` or `job` is found at the same place in every line.

use std::fmt;

use serde_json::Value;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::registry::LookupSpan;

use super::{fields::Fields, trace::current_ids};

pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut fields = Fields::default();
        let mut spans = Vec::new();
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(Fields(of_span)) = span.extensions().get() {
                // Inner spans and the event speak last: theirs is the nearer meaning of a name.
                fields.0.extend(of_span.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            spans.push(Value::from(span.name()));
        }
        // A span has no message of its own to lend to the event.
        fields.0.remove("message");
        event.record(&mut fields);
        let metadata = event.metadata();
        let message = fields.0.remove("message").unwrap_or_default();
        let mut head = vec![
            ("timestamp", Value::from(time)),
            ("level", Value::from(metadata.level().as_str())),
            ("target", Value::from(super::short(metadata.target()))),
            ("message", message),
        ];
        if !spans.is_empty() {
            head.push(("spans", Value::from(spans)));
        }
        if let Some((trace, span)) = current_ids() {
            head.extend([("traceId", Value::from(trace)), ("spanId", Value::from(span))]);
        }
        for (name, _) in &head {
            fields.0.remove(*name);
        }
        let head = head.into_iter().map(|(name, value)| (name.to_owned(), value));
        for (number, (name, value)) in head.chain(fields.0).enumerate() {
            let before = if number == 0 { "{" } else { "," };
            write!(writer, "{before}{}:{value}", Value::from(name))?;
        }
        writeln!(writer, "}}")
    }
}
