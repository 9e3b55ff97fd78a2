//! The gate before a source: its pace and its breaker, shared by all who ask that source.
//! The implementation that counts over replicas and restarts stands in `store`.

use std::time::Duration;

use async_trait::async_trait;

/// A place in the queue before a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Ask after this time, measured from now; zero means at once.
    Wait(Duration),
    /// The breaker is open: do not ask.
    Closed(Closed),
}

/// An open breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// When it closes again, from now.
    pub retry_after: Duration,
    pub reason: String,
}

/// The gate's own memory did not answer. Nobody asks a source meanwhile: politeness fails closed.
#[derive(Debug, thiserror::Error)]
#[error("the pace could not be read: {0:#}")]
pub struct GateError(#[from] pub anyhow::Error);

/// Pace and breaker of every source, by the source's name.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Takes the next place: places of one source are at least `min_interval` apart, whoever takes them.
    /// A place taken and not used is lost, which costs only time.
    ///
    /// # Errors
    /// When the gate's memory cannot be reached.
    async fn reserve(&self, source: &str, min_interval: Duration) -> Result<Slot, GateError>;

    /// Whether the breaker is open, without taking a place: asked again after a wait,
    /// because another may have tripped it meanwhile.
    ///
    /// # Errors
    /// When the gate's memory cannot be reached.
    async fn closed(&self, source: &str) -> Result<Option<Closed>, GateError>;

    /// Opens the breaker for that long. Never shortens a time that is already set.
    ///
    /// # Errors
    /// When the gate's memory cannot be reached.
    async fn trip(&self, source: &str, open_for: Duration, reason: &str) -> Result<(), GateError>;

    /// The source answered: its count of consecutive failures starts again at zero.
    /// Called after each answer, so it should write only when there is something to reset.
    ///
    /// # Errors
    /// When the gate's memory cannot be reached.
    async fn succeeded(&self, source: &str) -> Result<(), GateError>;

    /// Counts a failure after all retries and gives the consecutive failures so far, this one included.
    ///
    /// # Errors
    /// When the gate's memory cannot be reached.
    async fn failed(&self, source: &str) -> Result<u32, GateError>;
}
