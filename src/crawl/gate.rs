//! The gate before a source: its pace and its breaker, shared by all who ask that source.
//! The implementation that counts over replicas and restarts stands in `store`.

use std::time::Duration;

use async_trait::async_trait;

/// How often a source may be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Between the starts of two requests.
    pub min_interval: Duration,
    /// Requests of a day, which begins at midnight UTC; 0: no limit is known.
    pub daily_limit: u32,
}

impl From<Duration> for Pace {
    fn from(min_interval: Duration) -> Self {
        Self { min_interval, daily_limit: 0 }
    }
}

/// Why a breaker is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An access control answered.
    Blocked,
    /// The source said that it was asked too often.
    Quota,
    /// Failure after failure.
    Down,
}

impl Cause {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Quota => "quota",
            Self::Down => "down",
        }
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Blocked, Self::Quota, Self::Down].into_iter().find(|cause| cause.as_str() == word)
    }
}

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
    /// Takes the next place: places of one source are at least `min_interval` apart, whoever takes them, and a day
    /// has no more than its limit. A place taken and not used is lost, which costs only time.
    ///
    /// # Errors
    /// When the gate's memory cannot be reached.
    async fn reserve(&self, source: &str, pace: Pace) -> Result<Slot, GateError>;

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
    async fn trip(&self, source: &str, open_for: Duration, cause: Cause, reason: &str) -> Result<(), GateError>;

    /// The source blocked us: opens the breaker for as long as so many blocks in a row deserve. What several requests
    /// under way are told at once is one block.
    ///
    /// # Errors
    /// When the gate's memory cannot be reached.
    async fn block(&self, source: &str, reason: &str) -> Result<(), GateError>;

    /// The source answered: its counts of consecutive failures and blocks start again at zero.
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
