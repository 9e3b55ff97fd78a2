//! The client's way through the gate: wait for a place, respect a closed breaker, report results.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::breaker::{self, Signal};
use crate::crawl::gate::{Cause, Closed, Gate, GateError, Pace, Slot};
use crate::crawl::retry::PATIENCE;

/// How long to stay away when the gate's memory does not answer.
const GATE_AWAY: Duration = Duration::from_secs(30);
/// The shortest pause before the gate is asked again.
const PAUSE: Duration = Duration::from_millis(10);

pub(super) struct Passage {
    source: &'static str,
    pace: Pace,
    gate: Arc<dyn Gate>,
}

impl Passage {
    pub(super) const fn new(source: &'static str, pace: Pace, gate: Arc<dyn Gate>) -> Self {
        Self { source, pace, gate }
    }

    pub(super) const fn source(&self) -> &'static str {
        self.source
    }

    /// Returns when it is this request's turn. A breaker that closes soon is waited for.
    pub(super) async fn pass(&self, cancel: &CancellationToken) -> Result<(), Refusal> {
        let mut patience = PATIENCE;
        loop {
            let Some(closed) = self.turn(cancel).await? else { return Ok(()) };
            let wait = closed.retry_after.max(PAUSE);
            if wait > patience {
                return Err(Refusal::Closed { retry_after: closed.retry_after, reason: closed.reason });
            }
            patience -= wait;
            or_cancelled(cancel, tokio::time::sleep(wait)).await?;
        }
    }

    /// One turn in the queue. After a wait the breaker is looked at again: those before may have tripped it.
    async fn turn(&self, cancel: &CancellationToken) -> Result<Option<Closed>, Refusal> {
        let slot = or_cancelled(cancel, self.gate.reserve(self.source, self.pace)).await?;
        match slot.map_err(away)? {
            Slot::Closed(closed) => Ok(Some(closed)),
            Slot::Wait(Duration::ZERO) => Ok(None),
            Slot::Wait(wait) => {
                or_cancelled(cancel, tokio::time::sleep(wait)).await?;
                or_cancelled(cancel, self.gate.closed(self.source)).await?.map_err(away)
            }
        }
    }

    /// Waits before the next attempt; where the source itself asked for the wait, everybody waits.
    pub(super) async fn hold(
        &self,
        refusal: &Refusal,
        wait: Duration,
        cancel: &CancellationToken,
    ) -> Result<(), Refusal> {
        if let Refusal::QuotaExceeded { .. } = refusal {
            self.note(self.gate.trip(self.source, wait, Cause::Quota, &refusal.to_string()).await);
        }
        or_cancelled(cancel, tokio::time::sleep(wait)).await
    }

    /// Tells the gate how it ended.
    pub(super) async fn tell<T>(&self, result: &Result<Answer<T>, Refusal>) {
        let (gate, source) = (&self.gate, self.source);
        let reason = || result.as_ref().err().map_or_else(String::new, ToString::to_string);
        let opened = match breaker::signal(result) {
            Signal::Silent => None,
            Signal::Healthy => {
                self.note(gate.succeeded(source).await);
                None
            }
            Signal::Blocked => {
                self.note(gate.block(source, &reason()).await);
                None
            }
            Signal::Failing => {
                let failures = self.note(gate.failed(source).await);
                failures.and_then(breaker::after_failures).map(|open_for| (open_for, Cause::Down))
            }
            Signal::Trip(open_for) => Some((open_for, Cause::Quota)),
        };
        if let Some((open_for, cause)) = opened {
            self.note(gate.trip(source, open_for, cause, &reason()).await);
        }
    }

    /// The answer of the source stands, whatever becomes of the gate's memory of it.
    fn note<T>(&self, told: Result<T, GateError>) -> Option<T> {
        told.inspect_err(|error| tracing::warn!(source = self.source, %error, "the gate was not told")).ok()
    }
}

fn away(error: GateError) -> Refusal {
    Refusal::Closed { retry_after: GATE_AWAY, reason: error.to_string() }
}

/// The future's output, or `Cancelled` as soon as the token says so.
pub(super) async fn or_cancelled<F: Future>(cancel: &CancellationToken, future: F) -> Result<F::Output, Refusal> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Refusal::Cancelled),
        output = future => Ok(output),
    }
}
