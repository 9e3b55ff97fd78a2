//! Traces: spans for a collector, beside the logs and without a part in them.
//!
//! What a trace is made of stands where it happens, as spans of `tracing`: those with the target [`TRACE`] are for
//! traces alone and cost nothing where nobody takes them; the spans `run`, `task` and `request` are in the logs as
//! well, and get what only a trace shows by the functions here. Without a collector, or without the feature `otlp`, all
//! of them do nothing.

#[cfg(not(feature = "otlp"))]
mod absent;
mod context;
pub mod settings;

#[cfg(not(feature = "otlp"))]
pub use absent::{Traces, adopt, begin, context_of, current_ids, failed, join, link, number, text};
pub use context::TraceContext;

#[cfg(feature = "otlp")]
pub use super::otlp::{Traces, adopt, begin, context_of, current_ids, failed, join, link, number, text};

/// The target of spans that no log shows.
pub const TRACE: &str = "trace";
