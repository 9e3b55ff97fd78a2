//! Where a run stands among traces.
//!
//! A run that somebody waits for is a part of the trace of whoever asked. Any other has a trace of its own, whose id is
//! the run's, and a link to whatever asked for it: that trace may be over long before the run begins. Each execution of
//! the run is a span with an id that every replica can tell.

use tracing::Span;
use uuid::Uuid;

use super::run::{Run, RunId, RunState};
use crate::telemetry::trace::{self, TraceContext};

/// What asked for a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub context: TraceContext,
    /// It waits for the end of the run.
    pub awaited: bool,
}

impl Origin {
    /// What this thread is at; none when no trace is taken.
    #[must_use]
    pub fn current(awaited: bool) -> Option<Self> {
        trace::context_of(&Span::current()).map(|context| Self { context, awaited })
    }
}

/// What tells the trace of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunTrace {
    /// How often the run was claimed.
    pub fence: i64,
    pub origin: Option<Origin>,
}

impl Run {
    /// Makes a span one of the run's trace, below its newest execution.
    pub fn trace(&self, span: &Span) {
        let (trace_id, execution) = ids(&self.id, self.trace.fence);
        match self.awaited() {
            Some(origin) => trace::adopt(span, &TraceContext { span: execution, ..origin.clone() }),
            None => trace::join(span, trace_id, execution),
        }
    }

    /// Makes a span this execution of the run.
    pub(super) fn begin_trace(&self, span: &Span) {
        trace::text(span, "trigger", self.trigger.as_str());
        trace::number(span, "attempt", self.attempt.into());
        if let Some(at) = self.scheduled_for {
            trace::text(span, "scheduled_for", &at.to_rfc3339());
        }
        if let Some(id) = &self.retry_of {
            trace::text(span, "retry_of", id.as_str());
        }
        let (trace_id, execution) = ids(&self.id, self.trace.fence);
        if let Some(origin) = self.awaited() {
            trace::adopt(span, origin);
            return trace::begin(span, None, execution);
        }
        if let Some(origin) = &self.trace.origin {
            trace::link(span, &origin.context);
        }
        trace::begin(span, Some(trace_id), execution);
    }

    fn awaited(&self) -> Option<&TraceContext> {
        self.trace.origin.as_ref().filter(|origin| origin.awaited).map(|origin| &origin.context)
    }
}

/// The id of a run's own trace, and that of one of its executions as a span.
fn ids(run: &RunId, fence: i64) -> ([u8; 16], [u8; 8]) {
    // A run's id is a UUID; of another text nothing could be told.
    let uuid = Uuid::try_parse(run.as_str()).unwrap_or_default().as_u128();
    let low = u64::try_from(uuid & u128::from(u64::MAX)).unwrap_or_default();
    (uuid.to_be_bytes(), low.wrapping_add_signed(fence - 1).to_be_bytes())
}

/// Tells this execution's span how the run has ended.
pub fn ended(run: &Run) {
    let span = Span::current();
    trace::text(&span, "state", run.state.as_str());
    for (name, count) in [
        ("tasks", u64::from(run.total)),
        ("tasks.failed", u64::from(run.failed)),
        ("rows.fetched", run.rows.fetched),
        ("rows.inserted", run.rows.inserted),
        ("rows.updated", run.rows.updated),
        ("rows.unchanged", run.rows.unchanged),
        ("rows.rejected", run.rows.rejected),
    ] {
        trace::number(&span, name, count);
    }
    if !matches!(run.state, RunState::Succeeded | RunState::Cancelled) {
        trace::failed(&span, run.error.as_deref().unwrap_or(run.state.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_of_a_run_has_its_id_and_each_execution_one_of_its_own() {
        let run = RunId::parse("0198aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee").unwrap();
        let (trace, first) = ids(&run, 1);
        assert_eq!(Uuid::from_bytes(trace).to_string(), run.as_str());
        assert_eq!(first, trace[8..]);
        assert_ne!(ids(&run, 2).1, first);
        assert_eq!(ids(&run, 2), ids(&run, 2));
    }
}
