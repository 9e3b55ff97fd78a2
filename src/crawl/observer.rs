//! Who is told of each request. The numbers themselves are kept elsewhere.

use std::time::Duration;

use super::answer::{Answer, Refusal};
use super::archive::Answered;

/// Every outcome a request can have: the closed set of label values.
pub const OUTCOMES: [&str; 12] = [
    "data",
    "not_trading_day",
    "no_new_data",
    "unknown_symbol",
    "delisted",
    "quota_exceeded",
    "blocked",
    "schema_changed",
    "network",
    "server",
    "closed",
    "cancelled",
];

/// Told by the client, once for each attempt.
pub trait Observer: Send + Sync {
    /// `outcome` is one of [`OUTCOMES`]; `duration` covers the exchange, not the wait before it.
    fn request(&self, source: &'static str, outcome: &'static str, duration: Duration);

    /// An answer that arrived, good or bad: a chance to keep it. Nobody waits for that.
    fn answered(&self, _answer: Answered) {}
}

/// For commands and tests that measure nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn request(&self, _source: &'static str, _outcome: &'static str, _duration: Duration) {}
}

/// The outcome's name, one of [`OUTCOMES`].
#[must_use]
pub const fn outcome<T>(result: &Result<Answer<T>, Refusal>) -> &'static str {
    match result {
        Ok(Answer::Data(_)) => "data",
        Ok(Answer::NotTradingDay) => "not_trading_day",
        Ok(Answer::NoNewData) => "no_new_data",
        Ok(Answer::UnknownSymbol) => "unknown_symbol",
        Ok(Answer::Delisted) => "delisted",
        Err(refusal) => refusal_outcome(refusal),
    }
}

/// The outcome's name of a refusal, one of [`OUTCOMES`].
#[must_use]
pub const fn refusal_outcome(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::QuotaExceeded { .. } => "quota_exceeded",
        Refusal::Blocked { .. } => "blocked",
        Refusal::SchemaChanged { .. } => "schema_changed",
        Refusal::Network { .. } => "network",
        Refusal::Server { .. } => "server",
        Refusal::Closed { .. } => "closed",
        Refusal::Cancelled => "cancelled",
    }
}
