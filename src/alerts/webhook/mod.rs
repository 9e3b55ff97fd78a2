//! One request to a hook's address: signed, with a time limit, no redirects, and the answer's body left unread.
//! Retries nothing. What it says of a failure names the host and nothing of the address behind it, which is a secret.

mod signature;
mod verdict;

use std::error::Error;
use std::time::Duration;

use anyhow::Context as _;
use reqwest::{Client, header::CONTENT_TYPE};
use url::Url;

use self::signature::signature;
pub use self::verdict::Verdict;
use super::settings::HookSettings;
use super::store::Claimed;
use crate::outbound;
use crate::settings::Secret;
use crate::telemetry::trace::TraceContext;

/// Names the product and where to complain.
const USER_AGENT: &str =
    concat!("data-infrastructure/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");
/// Establishing a connection takes no longer than this, whatever the whole may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Sends to one address.
pub struct Webhook {
    http: Client,
    url: Url,
    secret: Option<Secret>,
    timeout: Duration,
}

impl Webhook {
    /// # Errors
    /// When there is no address, or TLS cannot be set up.
    pub fn new(settings: &HookSettings) -> anyhow::Result<Self> {
        let url = settings.url.expose().context("no address")?.clone();
        let builder = outbound::client(&url, settings.timeout).user_agent(USER_AGENT);
        let http = builder.connect_timeout(settings.timeout.min(CONNECT)).build().context("the HTTP client")?;
        Ok(Self { http, url, secret: settings.secret.clone(), timeout: settings.timeout })
    }

    /// Host and port: what may stand in a log.
    pub fn host(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Sends the JSON body of an alert once. Its id is the same for every attempt, so that the receiver can drop
    /// repeats; `context` is where the attempt stands in a trace.
    pub async fn send(&self, alert: &Claimed, body: String, context: Option<&TraceContext>) -> Verdict {
        let timestamp = alert.now.timestamp();
        let mut request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("X-Datainfra-Delivery", &alert.id)
            .header("X-Datainfra-Timestamp", timestamp);
        if let Some(secret) = &self.secret {
            request = request.header("X-Datainfra-Signature", signature(secret.expose(), timestamp, &body));
        }
        if let Some(context) = context {
            request = request.header("traceparent", context.traceparent());
            if let Some(state) = context.tracestate() {
                request = request.header("tracestate", state);
            }
        }
        match request.body(body).send().await {
            Ok(response) => Verdict::of(response.status().as_u16(), outbound::retry_after(response.headers())),
            Err(error) => Verdict::Later { after: None, reason: self.reason(&error) },
        }
    }

    fn reason(&self, error: &reqwest::Error) -> String {
        if error.is_timeout() {
            format!("no answer within {:?}", self.timeout)
        } else if error.is_connect() {
            format!("cannot connect: {}", root(error))
        } else {
            root(error)
        }
    }
}

/// The first cause, which unlike the error itself does not hold the address: `Connection refused`.
fn root(error: &reqwest::Error) -> String {
    error.source().map_or_else(|| "the request failed".to_owned(), outbound::root)
}
