//! Spans that ended, on their way to the exporter: bounded, and nobody waits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use opentelemetry::Context;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};
use tokio::sync::mpsc::{self, Receiver, Sender};

/// Spans that wait at most, about 2 MB of them.
const CAPACITY: usize = 4096;

/// The end where spans come in.
#[derive(Debug)]
pub struct Queue {
    sender: Sender<SpanData>,
    overflown: Arc<AtomicU64>,
}

/// The end where they are taken.
pub struct Spans {
    pub receiver: Receiver<SpanData>,
    overflown: Arc<AtomicU64>,
}

pub fn queue() -> (Queue, Spans) {
    let ((sender, receiver), overflown) = (mpsc::channel(CAPACITY), Arc::new(AtomicU64::new(0)));
    (Queue { sender, overflown: Arc::clone(&overflown) }, Spans { receiver, overflown })
}

impl Spans {
    /// How many did not fit since the last look.
    pub fn overflown(&self) -> u64 {
        self.overflown.swap(0, Ordering::Relaxed)
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() && self.sender.try_send(span).is_err() {
            self.overflown.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whoever takes the spans sends them in good time.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
