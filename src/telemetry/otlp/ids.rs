//! Ids of traces and spans: random ones, but for runs, whose are known before and after.

use std::cell::Cell;

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

/// What the span that is begun now is to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    pub trace: Option<[u8; 16]>,
    pub span: Option<[u8; 8]>,
    /// Whether the trace is recorded is told by its id, whatever the parent says, which is not known.
    pub by_id: bool,
}

thread_local! {
    static WANTED: Cell<Wanted> = const { Cell::new(Wanted { trace: None, span: None, by_id: false }) };
}

/// Begins a span on this thread with what is wanted.
pub fn with<T>(wanted: Wanted, begin: impl FnOnce() -> T) -> T {
    WANTED.set(wanted);
    let begun = begin();
    WANTED.set(Wanted::default());
    begun
}

/// What is wanted of the span that is begun on this thread.
pub fn wanted() -> Wanted {
    WANTED.get()
}

#[derive(Debug, Default)]
pub struct Ids(RandomIdGenerator);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        wanted().trace.map_or_else(|| self.0.new_trace_id(), TraceId::from_bytes)
    }

    fn new_span_id(&self) -> SpanId {
        wanted().span.map_or_else(|| self.0.new_span_id(), SpanId::from_bytes)
    }
}
