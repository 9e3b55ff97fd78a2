//! What the rest of the program says to traces: attributes that no log shows, failures, and where a span belongs.

use std::{
    str::FromStr as _,
    sync::atomic::{AtomicBool, Ordering},
};

use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, Status, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::ids::{self, Wanted};
use crate::telemetry::trace::TraceContext;

/// Whether anybody takes spans in this process.
static OPEN: AtomicBool = AtomicBool::new(false);

pub fn open() {
    OPEN.store(true, Ordering::Relaxed);
}

fn is_open() -> bool {
    OPEN.load(Ordering::Relaxed)
}

/// Sets an attribute.
pub fn text(span: &Span, name: &'static str, value: &str) {
    if is_open() {
        span.set_attribute(name, value.to_owned());
    }
}

/// Sets an attribute.
pub fn number(span: &Span, name: &'static str, value: u64) {
    if is_open() {
        span.set_attribute(name, i64::try_from(value).unwrap_or(i64::MAX));
    }
}

/// What the span is about went wrong.
pub fn failed(span: &Span, why: &str) {
    if is_open() {
        span.set_status(Status::error(why.to_owned()));
    }
}

/// The span, which has not begun, goes on with the trace of another program or process.
pub fn adopt(span: &Span, parent: &TraceContext) {
    if is_open() {
        // A span that nobody takes has no parent either.
        drop(span.set_parent(Context::new().with_remote_span_context(foreign(parent))));
    }
}

/// The span has to do with another one, of whatever trace.
pub fn link(span: &Span, other: &TraceContext) {
    if is_open() {
        span.add_link(foreign(other));
    }
}

/// The span begins now, with this id; with a trace's id it is the first of that trace, else it goes where it belongs.
pub fn begin(span: &Span, trace: Option<[u8; 16]>, id: [u8; 8]) {
    if is_open() {
        ids::with(Wanted { trace, span: Some(id), by_id: false }, || drop(span.context()));
    }
}

/// The span belongs below one of a trace of ours, of which nobody has written down whether it is recorded.
pub fn join(span: &Span, trace: [u8; 16], parent: [u8; 8]) {
    if is_open() {
        adopt(span, &TraceContext { trace, span: parent, sampled: false, state: String::new() });
        ids::with(Wanted { by_id: true, ..Wanted::default() }, || drop(span.context()));
    }
}

/// Where the span stands; none when nobody takes it.
#[must_use]
pub fn context_of(span: &Span) -> Option<TraceContext> {
    if !is_open() {
        return None;
    }
    let context = span.context();
    let span = context.span();
    let known = span.span_context();
    known.is_valid().then(|| TraceContext {
        trace: known.trace_id().to_bytes(),
        span: known.span_id().to_bytes(),
        sampled: known.is_sampled(),
        state: known.trace_state().header(),
    })
}

/// The ids of the recorded trace and span that this thread is at.
#[must_use]
pub fn current_ids() -> Option<(String, String)> {
    if !is_open() {
        return None;
    }
    Context::map_current(|context| {
        let span = context.span();
        let known = span.span_context();
        (known.is_valid() && known.is_sampled()).then(|| (known.trace_id().to_string(), known.span_id().to_string()))
    })
}

fn foreign(context: &TraceContext) -> SpanContext {
    SpanContext::new(
        TraceId::from_bytes(context.trace),
        SpanId::from_bytes(context.span),
        TraceFlags::default().with_sampled(context.sampled),
        true,
        TraceState::from_str(&context.state).unwrap_or_default(),
    )
}
