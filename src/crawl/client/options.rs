//! What makes a client.

use std::time::Duration;

use url::Url;

/// See [`ClientOptions::new`] for the defaults.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// The source's name, under which pace and breaker are shared.
    pub name: &'static str,
    pub base_url: Url,
    /// Names the product and a contact.
    pub user_agent: String,
    /// Between two requests to this source, retries and redirects included.
    pub min_interval: Duration,
    /// Requests of a day, UTC; 0: no limit is known.
    pub daily_limit: u32,
    /// For one exchange, body included.
    pub timeout: Duration,
    /// After the first attempt.
    pub max_retries: u32,
    /// Decompressed bytes.
    pub max_body: usize,
    /// The first step of the exponential backoff.
    pub retry_base: Duration,
    /// How long to stay away after a 429 that names no time, where the source documents one.
    pub quota_wait: Option<Duration>,
}

impl ClientOptions {
    /// One request a second, 30 s each, three retries, 16 MiB.
    #[must_use]
    pub fn new(name: &'static str, base_url: Url, user_agent: impl Into<String>) -> Self {
        Self {
            name,
            base_url,
            user_agent: user_agent.into(),
            min_interval: Duration::from_secs(1),
            daily_limit: 0,
            timeout: Duration::from_secs(30),
            max_retries: 3,
            max_body: 16 << 20,
            retry_base: Duration::from_secs(1),
            quota_wait: None,
        }
    }
}

/// The client could not be built.
#[derive(Debug, thiserror::Error)]
#[error("the client of {name} cannot be built: {cause:#}")]
pub struct ClientError {
    pub name: &'static str,
    pub cause: anyhow::Error,
}
