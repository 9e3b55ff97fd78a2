//! One request to a collector: with a time limit, no redirects, and an answer read no further than it matters. Retries
//! nothing.

use std::time::Duration;

use anyhow::Context as _;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;
use reqwest::{
    Client, Response,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use url::Url;

use crate::{outbound, telemetry::trace::settings::TelemetrySettings};

const USER_AGENT: &str = concat!("data-infrastructure/", env!("CARGO_PKG_VERSION"));
/// Of an answer, so much is read: it says in a few words what was not taken.
const LONGEST: usize = 64 << 10;

/// A collector's address and how it is spoken to.
pub struct Collector {
    http: Client,
    url: Url,
    headers: HeaderMap,
}

/// What became of a batch that the collector did not take.
#[derive(Debug)]
pub struct Refused {
    pub reason: String,
    /// Whether, and after which wait that it named, the same batch may be taken.
    pub again: Option<Option<Duration>>,
}

impl Collector {
    /// # Errors
    /// When TLS cannot be set up, or a header cannot be sent.
    pub fn new(url: Url, settings: &TelemetrySettings) -> anyhow::Result<Self> {
        let http = outbound::client(&url, settings.timeout).user_agent(USER_AGENT).build();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        for (name, value) in &settings.headers.0 {
            let mut value = HeaderValue::from_str(value).context("telemetry.headers")?;
            value.set_sensitive(true);
            headers.insert(name.parse::<HeaderName>().context("telemetry.headers")?, value);
        }
        Ok(Self { http: http.context("the client of telemetry.endpoint")?, url, headers })
    }

    /// Host and port: what may stand in a log.
    pub fn host(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Sends a batch once. Gives how many of its spans were turned down.
    ///
    /// # Errors
    /// When it was not taken as a whole.
    pub async fn send(&self, body: Vec<u8>) -> Result<u64, Refused> {
        let request = self.http.post(self.url.clone()).headers(self.headers.clone()).body(body);
        let response = request.send().await.map_err(|error| Refused { reason: reason(&error), again: Some(None) })?;
        let status = response.status().as_u16();
        match status {
            200..=299 => Ok(turned_down(response).await),
            // Those that the specification of OTLP/HTTP calls retryable.
            429 | 502..=504 => {
                let again = Some(outbound::retry_after(response.headers()));
                Err(Refused { reason: format!("status {status}"), again })
            }
            _ => Err(Refused { reason: format!("status {status}"), again: None }),
        }
    }
}

/// An answer that cannot be read does not undo the status it came with.
async fn turned_down(mut response: Response) -> u64 {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            return 0;
        }
    }
    let told = ExportTraceServiceResponse::decode(body.as_slice()).ok().and_then(|answer| answer.partial_success);
    told.map_or(0, |partial| partial.rejected_spans.max(0).unsigned_abs())
}

/// The first cause: `Connection refused`.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    outbound::root(error)
}
