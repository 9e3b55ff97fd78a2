//! The one trait a source of any domain implements.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, Refusal};

/// A place data comes from. `Q` is what a domain asks, `T` what it gets.
#[async_trait]
pub trait Source<Q: Sync, T>: Send + Sync {
    /// The name in configuration, tables and metrics: `yahoo`.
    fn name(&self) -> &'static str;

    /// Asks once, politely: paced, retried and capped by the client below it.
    ///
    /// # Errors
    /// A [`Refusal`] when the source did not answer the question.
    async fn fetch(&self, query: &Q, cancel: &CancellationToken) -> Result<Answer<T>, Refusal>;
}
