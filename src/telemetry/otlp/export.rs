//! The way out: batches of ended spans to the collector, one after the other, for the life of the process and a last time
//! at its end. What cannot be sent is dropped; the log says so when it begins and when it is over.

use std::time::Duration;

use opentelemetry_proto::{
    tonic::collector::trace::v1::ExportTraceServiceRequest,
    transform::{common::tonic::ResourceAttributesWithSchema, trace::tonic::group_spans_by_resource_and_scope},
};
use opentelemetry_sdk::{Resource, trace::SpanData};
use prost::Message as _;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{
    collector::{Collector, Refused},
    queue::Spans,
    shape::shaped,
};
use crate::metrics::Metrics;

/// Spans of one request.
const BATCH: usize = 512;
/// The first span of a batch waits for others so long.
const PATIENCE: Duration = Duration::from_secs(1);
/// A batch that was not taken is sent so often, with growing waits from the first one on; meanwhile others wait in the
/// queue, or are dropped.
const TRIES: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// What is left at the end of the process gets so long, however long `timeout` is.
const LAST: Duration = Duration::from_secs(3);

/// The spans of this process, to be sent. Nothing to do without a collector.
#[derive(Default)]
pub struct Traces(Option<Box<Exporter>>);

struct Exporter {
    spans: Spans,
    batch: Vec<SpanData>,
    /// Spans of the batch that is being sent.
    in_hand: u64,
    collector: Collector,
    resource: ResourceAttributesWithSchema,
    /// Dropped since the collector last took a batch.
    dropped: u64,
}

impl Traces {
    pub(super) fn new(spans: Spans, collector: Collector, resource: &Resource) -> Self {
        let (batch, resource) = (Vec::with_capacity(BATCH), resource.into());
        Self(Some(Box::new(Exporter { spans, batch, in_hand: 0, collector, resource, dropped: 0 })))
    }

    /// Sends spans until cancelled, and then what is left, for three seconds at most.
    pub async fn export(self, metrics: &Metrics, stop: &CancellationToken) {
        let Some(mut exporter) = self.0 else { return };
        tracing::info!(collector = exporter.collector.host(), "traces are sent");
        let limit = async {
            stop.cancelled().await;
            sleep(LAST).await;
        };
        tokio::select! {
            () = exporter.work(metrics, stop) => {}
            () = limit => {}
        }
        let left = exporter.in_hand + exporter.batch.len() as u64 + exporter.spans.receiver.len() as u64;
        if left > 0 {
            metrics.spans_dropped(left);
            tracing::warn!(spans = left, "the last spans could not be sent");
        }
    }
}

impl Exporter {
    async fn work(&mut self, metrics: &Metrics, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.gather() => {}
            }
            self.deliver(metrics, stop).await;
        }
        // Spans that end later than this belong to nothing that anybody waits for.
        while !self.batch.is_empty() || !self.spans.receiver.is_empty() {
            while self.batch.len() < BATCH
                && let Ok(span) = self.spans.receiver.try_recv()
            {
                self.batch.push(span);
            }
            self.deliver(metrics, stop).await;
        }
    }

    /// Waits for a whole batch, or for as much of one as there is in time.
    async fn gather(&mut self) {
        let mut until = None;
        while self.batch.len() < BATCH {
            let room = BATCH - self.batch.len();
            let more = self.spans.receiver.recv_many(&mut self.batch, room);
            let received = match until {
                None => match more.await {
                    // Nobody makes spans any more.
                    0 => std::future::pending().await,
                    received => received,
                },
                Some(until) => timeout_at(until, more).await.unwrap_or_default(),
            };
            if received == 0 {
                return;
            }
            until = until.or_else(|| Some(Instant::now() + PATIENCE));
        }
    }

    async fn deliver(&mut self, metrics: &Metrics, stop: &CancellationToken) {
        let overflown = self.spans.overflown();
        if overflown > 0 {
            self.lose(metrics, overflown, "more spans than can be sent");
        }
        if self.batch.is_empty() {
            return;
        }
        let spans: Vec<SpanData> = self.batch.drain(..).map(shaped).collect();
        let count = spans.len() as u64;
        self.in_hand = count;
        let resource_spans = group_spans_by_resource_and_scope(spans, &self.resource);
        let body = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
        let sent = self.send(body, stop).await;
        self.in_hand = 0;
        match sent {
            Ok(turned_down) => {
                let turned_down = turned_down.min(count);
                metrics.spans_exported(count - turned_down);
                if turned_down > 0 {
                    self.lose(metrics, turned_down, "the collector turned them down");
                } else if self.dropped > 0 {
                    tracing::info!(dropped = self.dropped, "the collector takes spans again");
                    self.dropped = 0;
                }
            }
            Err(refused) => self.lose(metrics, count, &refused.reason),
        }
    }

    /// Sends a batch, again where that may help and the process does not end.
    async fn send(&self, body: Vec<u8>, stop: &CancellationToken) -> Result<u64, Refused> {
        let mut wait = FIRST_WAIT;
        for _ in 1..TRIES {
            let refused = match self.collector.send(body.clone()).await {
                Ok(turned_down) => return Ok(turned_down),
                Err(refused) => refused,
            };
            let Some(after) = refused.again else { return Err(refused) };
            tokio::select! {
                () = stop.cancelled() => return Err(refused),
                () = sleep(after.unwrap_or(wait).min(LONGEST_WAIT)) => {}
            }
            wait *= 2;
        }
        self.collector.send(body).await
    }

    /// Counts what is dropped. The first time since all went well the log says so.
    fn lose(&mut self, metrics: &Metrics, spans: u64, reason: &str) {
        metrics.spans_dropped(spans);
        if self.dropped == 0 {
            let collector = self.collector.host();
            tracing::warn!(
                collector,
                reason,
                spans,
                "spans are dropped; the metric datainfra_spans_dropped_total counts on"
            );
        }
        self.dropped += spans;
    }
}
