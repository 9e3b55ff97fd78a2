//! What a source can answer. "Empty" is never a success: each answer is classified before it is parsed.

use std::time::Duration;

/// The source answered, and this is what it said.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<T> {
    /// Data in the expected shape.
    Data(T),
    /// The market was closed on every day asked for.
    NotTradingDay,
    /// The symbol is known, and there is nothing newer.
    NoNewData,
    UnknownSymbol,
    Delisted,
}

/// The source did not answer the question, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("quota exceeded: {reason}")]
    QuotaExceeded { retry_after: Option<Duration>, reason: String },
    /// An access control answered. It is respected, never worked around.
    #[error("blocked: {reason}")]
    Blocked { reason: String },
    #[error("unexpected answer: {reason}")]
    SchemaChanged { reason: String },
    #[error("network: {reason}")]
    Network { reason: String },
    #[error("server error {status}")]
    Server { status: u16 },
    /// The breaker is open: the source is not asked until it closes.
    #[error("not asked: {reason}")]
    Closed { retry_after: Duration, reason: String },
    #[error("cancelled")]
    Cancelled,
}

/// What asking again may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// Another answer, perhaps only after a time that the source or its breaker named.
    Passing(Option<Duration>),
    /// The same.
    Lasting,
}

impl Refusal {
    #[must_use]
    pub const fn prospect(&self) -> Prospect {
        match self {
            Self::Network { .. } | Self::Server { .. } => Prospect::Passing(None),
            Self::QuotaExceeded { retry_after, .. } => Prospect::Passing(*retry_after),
            Self::Closed { retry_after, .. } => Prospect::Passing(Some(*retry_after)),
            Self::Blocked { .. } | Self::SchemaChanged { .. } | Self::Cancelled => Prospect::Lasting,
        }
    }
}
