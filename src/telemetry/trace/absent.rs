//! A build without traces: nothing is recorded, and nobody is told.

use tokio_util::sync::CancellationToken;
use tracing::Span;

use super::TraceContext;
use crate::metrics::Metrics;

/// No spans.
#[derive(Default)]
pub struct Traces(());

impl Traces {
    /// There is nothing to send.
    pub async fn export(self, _: &Metrics, _: &CancellationToken) {
        std::future::ready(()).await;
    }
}

pub const fn text(_: &Span, _: &'static str, _: &str) {}

pub const fn number(_: &Span, _: &'static str, _: u64) {}

pub const fn failed(_: &Span, _: &str) {}

pub const fn adopt(_: &Span, _: &TraceContext) {}

pub const fn link(_: &Span, _: &TraceContext) {}

pub const fn begin(_: &Span, _: Option<[u8; 16]>, _: [u8; 8]) {}

pub const fn join(_: &Span, _: [u8; 16], _: [u8; 8]) {}

#[must_use]
pub const fn context_of(_: &Span) -> Option<TraceContext> {
    None
}

#[must_use]
pub const fn current_ids() -> Option<(String, String)> {
    None
}
