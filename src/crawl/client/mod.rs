//! The polite client: every request of every source passes here, paced, retried, capped, classified
//! and counted. The wire, the only use of the HTTP library, is in `transport`; the gate in `passage`.

mod options;
mod passage;
mod transport;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, field};
use url::Url;

pub use self::options::{ClientError, ClientOptions};
use self::passage::{Passage, or_cancelled};
use self::transport::{Failure, Hop, Transport};
use self::wire::Wire;
use super::answer::{Answer, Refusal};
use super::archive::{Answered, Recording};
use super::gate::{Gate, Pace};
use super::memory_gate::MemoryGate;
use super::observer::{Observer, Unobserved, outcome, refusal_outcome};
use super::raw_answer::RawAnswer;
use super::request::Request;
use super::retry;
use crate::outbound;
use crate::telemetry::trace::{self, TRACE};

/// So many redirects in a row, each to the same host, are followed.
const MAX_REDIRECTS: usize = 5;

/// Asks one source. One for each source, for the life of the process.
pub struct PoliteClient {
    base_url: Url,
    max_retries: u32,
    retry_base: Duration,
    transport: Transport,
    passage: Passage,
    observer: Arc<dyn Observer>,
}

impl PoliteClient {
    /// # Errors
    /// When the base address is not HTTP, the user agent is no header value, or TLS cannot be set up.
    pub fn new(options: ClientOptions, gate: Arc<dyn Gate>, observer: Arc<dyn Observer>) -> Result<Self, ClientError> {
        let wire = Wire::new(&options).map_err(|cause| ClientError { name: options.name, cause })?;
        let transport = Transport::Wire(wire);
        let pace = Pace { min_interval: options.min_interval, daily_limit: options.daily_limit };
        let passage = Passage::new(options.name, pace, gate);
        let ClientOptions { base_url, max_retries, retry_base, .. } = options;
        Ok(Self { base_url, max_retries, retry_base, transport, passage, observer })
    }

    /// A client that answers from one archived fetch and asks nobody: no pace, no retries, and nothing is counted.
    /// A request that is not in it is refused.
    #[must_use]
    pub fn replaying(name: &'static str, base_url: Url, recording: Recording) -> Self {
        Self {
            base_url,
            max_retries: 0,
            retry_base: Duration::ZERO,
            transport: Transport::Archive(recording),
            passage: Passage::new(name, Pace::default(), Arc::new(MemoryGate::default())),
            observer: Arc::new(Unobserved),
        }
    }

    /// The name of the source this client asks.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.passage.source()
    }

    /// Asks and classifies. The classification is part of the call, so that breaker and counts know
    /// the true outcome, also of a block page under status 200. `classify` runs on a blocking thread,
    /// since a body may take long to read; it never sees a 429 or a status of 500 and above.
    ///
    /// # Errors
    /// A [`Refusal`] by the network, by the gate or by `classify`; no secret is in its text.
    pub async fn ask<T, F>(
        &self,
        request: &Request,
        cancel: &CancellationToken,
        classify: F,
    ) -> Result<Answer<T>, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&RawAnswer) -> Result<Answer<T>, Refusal> + Send + 'static,
    {
        let span = tracing::info_span!(target: TRACE, "fetch", source = self.name(), outcome = field::Empty);
        let asked = async {
            let result = match self.exchange(request, cancel).await {
                Ok((raw, took)) => self.classified(request, raw, took, classify).await,
                Err(refusal) => Err(refusal),
            };
            self.passage.tell(&result).await;
            result
        };
        let result = asked.instrument(span.clone()).await;
        span.record("outcome", outcome(&result));
        if let Err(refusal) = &result {
            trace::failed(&span, &refusal.to_string());
        }
        result
    }

    /// Attempts until there is an answer or no further attempt is due.
    async fn exchange(&self, request: &Request, cancel: &CancellationToken) -> Result<(RawAnswer, Duration), Refusal> {
        let mut attempt = 0;
        loop {
            let mut took = Duration::ZERO;
            let failure = match self.attempt(request, cancel, &mut took).await {
                Ok(raw) => return Ok((raw, took)),
                Err(failure) => failure,
            };
            let refusal = masked(failure.refusal, request);
            self.count(refusal_outcome(&refusal), took);
            if let Some(raw) = failure.answer {
                self.keep(request, *raw, refusal_outcome(&refusal), refusal.to_string());
            }
            let jitter = outbound::backoff(attempt, self.retry_base, retry::BACKOFF_CAP, fastrand::f64());
            match retry::next_wait(&refusal, failure.retry_after, jitter) {
                Some(wait) if attempt < self.max_retries => self.passage.hold(&refusal, wait, cancel).await?,
                _ => return Err(refusal),
            }
            attempt += 1;
        }
    }

    /// One exchange with its redirects, each of which is a request like any other and waits its turn.
    async fn attempt(
        &self,
        request: &Request,
        cancel: &CancellationToken,
        took: &mut Duration,
    ) -> Result<RawAnswer, Failure> {
        let mut url = request.url(&self.base_url);
        for _ in 0..=MAX_REDIRECTS {
            self.passage.pass(cancel).await?;
            let begun = Instant::now();
            let hop = or_cancelled(cancel, self.transport.send(&url, request)).await;
            *took += begun.elapsed();
            match hop?? {
                Hop::Answer(raw) => return Ok(raw),
                Hop::Redirect(next) => url = next,
            }
        }
        let reason = format!("more than {MAX_REDIRECTS} redirects from {}", request.shown(&url));
        Err(Refusal::Blocked { reason }.into())
    }

    async fn classified<T, F>(
        &self,
        request: &Request,
        raw: RawAnswer,
        took: Duration,
        classify: F,
    ) -> Result<Answer<T>, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&RawAnswer) -> Result<Answer<T>, Refusal> + Send + 'static,
    {
        let raw = Arc::new(raw);
        let answer = Arc::clone(&raw);
        let span = tracing::info_span!(target: TRACE, "parse", bytes = raw.body.len());
        let parse = move || span.in_scope(|| classify(&answer));
        let result = tokio::task::spawn_blocking(parse).await.unwrap_or_else(|_| {
            let reason = "the answer broke its reader, which is a fault of ours".to_owned();
            Err(Refusal::SchemaChanged { reason })
        });
        let result = result.map_err(|refusal| masked(refusal, request));
        self.count(outcome(&result), took);
        let reason = result.as_ref().err().map_or_else(String::new, ToString::to_string);
        self.keep(request, Arc::unwrap_or_clone(raw), outcome(&result), reason);
        result
    }

    /// Hands the answer on, without secrets and under the address that was asked.
    fn keep(&self, request: &Request, raw: RawAnswer, outcome: &'static str, reason: String) {
        let RawAnswer { status, content_type, body, .. } = raw;
        let raw = RawAnswer {
            status,
            content_type: content_type.map(|text| request.masked(&text)),
            body: request.masked_body(body),
            url: request.shown(&request.url(&self.base_url)),
        };
        self.observer.answered(Answered { source: self.name(), subject: request.subject(), raw, outcome, reason });
    }

    fn count(&self, outcome: &'static str, took: Duration) {
        tracing::debug!(source = self.name(), outcome, duration_ms = took.as_millis(), "asked");
        self.observer.request(self.name(), outcome, took);
    }
}

/// The refusal without the request's secrets, which an upstream may have echoed.
fn masked(refusal: Refusal, request: &Request) -> Refusal {
    let clean = |reason: String| request.masked(&reason);
    match refusal {
        Refusal::QuotaExceeded { retry_after, reason } => Refusal::QuotaExceeded { retry_after, reason: clean(reason) },
        Refusal::Blocked { reason } => Refusal::Blocked { reason: clean(reason) },
        Refusal::SchemaChanged { reason } => Refusal::SchemaChanged { reason: clean(reason) },
        Refusal::Network { reason } => Refusal::Network { reason: clean(reason) },
        other => other,
    }
}
