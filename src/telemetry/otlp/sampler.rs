//! Which traces are recorded: as the caller of one has decided, else a part of them, told by the trace's id. Every replica
//! decides the same of the same trace.
//!
//! The part is told by the last 32 bits, which are random in a UUIDv7 as well: those before them count within a
//! millisecond.

use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceContextExt as _, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

use super::ids;

/// Routes that are asked every few seconds and tell nothing.
const SILENT: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// The part of the traces that begin here.
#[derive(Clone, Debug)]
pub struct Ratio(pub f64);

impl ShouldSample for Ratio {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        _: &SpanKind,
        attributes: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let span = parent.map(|parent| parent.span());
        let parent = span.as_ref().map(|span| span.span_context()).filter(|parent| parent.is_valid());
        let sampled = match parent {
            _ if name == "request" && is_silent(attributes) => false,
            Some(parent) if !ids::wanted().by_id => parent.is_sampled(),
            _ => self.takes(trace),
        };
        SamplingResult {
            decision: if sampled { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop },
            attributes: Vec::new(),
            trace_state: parent.map_or_else(TraceState::default, |parent| parent.trace_state().clone()),
        }
    }
}

impl Ratio {
    fn takes(&self, trace: TraceId) -> bool {
        let [.., a, b, c, d] = trace.to_bytes();
        f64::from(u32::from_be_bytes([a, b, c, d])) < self.0 * (f64::from(u32::MAX) + 1.0)
    }
}

fn is_silent(attributes: &[KeyValue]) -> bool {
    attributes.iter().any(|a| a.key.as_str() == "route" && SILENT.contains(&&*a.value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_the_wanted_part_of_the_runs_is_taken_and_always_the_same() {
        let traces: Vec<TraceId> = (0..4000).map(|_| TraceId::from_bytes(*uuid::Uuid::now_v7().as_bytes())).collect();
        for (ratio, least, most) in [(0.0, 0, 0), (0.25, 800, 1200), (0.5, 1800, 2200), (1.0, 4000, 4000)] {
            let taken = traces.iter().filter(|trace| Ratio(ratio).takes(**trace)).count();
            assert!((least..=most).contains(&taken), "{ratio}: {taken}");
        }
        assert!(traces.iter().all(|trace| !Ratio(0.3).takes(*trace) || Ratio(0.6).takes(*trace)));
    }
}
