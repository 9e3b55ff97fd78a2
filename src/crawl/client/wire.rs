//! One request on the wire, with its caps: time, bytes, hosts. Retries nothing and waits for nobody.

use std::time::Duration;

use anyhow::Context;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Client, Response};
use tracing::{Instrument as _, Span, field};
use url::Url;

use super::ClientOptions;
use super::transport::{Failure, Hop};
use crate::crawl::answer::Refusal;
use crate::crawl::raw_answer::RawAnswer;
use crate::crawl::request::Request;
use crate::outbound::{self, retry_after, root};
use crate::telemetry::trace::{self, TRACE};

/// Establishing a connection takes no longer than this, whatever the whole may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Of an answer that turns us away, so much is kept, and waited for so long: it is for a person to read.
const SCRAP: usize = 64 << 10;
const SCRAP_WAIT: Duration = Duration::from_secs(2);

pub(super) struct Wire {
    http: Client,
    timeout: Duration,
    max_body: usize,
    quota_wait: Option<Duration>,
}

impl Wire {
    pub(super) fn new(options: &ClientOptions) -> anyhow::Result<Self> {
        let base = &options.base_url;
        let scheme = base.scheme();
        anyhow::ensure!(matches!(scheme, "http" | "https"), "an address is http or https, not {scheme}");
        let http = outbound::client(base, options.timeout)
            .user_agent(HeaderValue::from_str(&options.user_agent).context("user agent")?)
            .connect_timeout(options.timeout.min(CONNECT))
            .build()?;
        Ok(Self { http, timeout: options.timeout, max_body: options.max_body, quota_wait: options.quota_wait })
    }

    /// No source is sent a `traceparent`, wherever it is: it has no use for one, and it would know us by it.
    pub(super) async fn send(&self, url: &Url, request: &Request) -> Result<Hop, Failure> {
        let shown = request.shown(url);
        let span = tracing::info_span!(
            target: TRACE,
            "GET",
            otel.kind = "client",
            http.request.method = "GET",
            url.full = shown.as_str(),
            server.address = shown.host_str(),
            server.port = shown.port_or_known_default(),
            http.response.status_code = field::Empty,
        );
        let sent = self.exchange(url, request, &shown, &span).instrument(span.clone()).await;
        if let Err(failure) = &sent {
            trace::failed(&span, &request.masked(&failure.refusal.to_string()));
        }
        sent
    }

    async fn exchange(&self, url: &Url, request: &Request, shown: &Url, span: &Span) -> Result<Hop, Failure> {
        let sent = self.http.get(url.clone()).headers(headers(request)?).send().await;
        let response = sent.map_err(|error| self.network(error, shown))?;
        let status = response.status().as_u16();
        span.record("http.response.status_code", status);
        if let (300..=399, Some(location)) = (status, text(response.headers(), &LOCATION)) {
            return Ok(Hop::Redirect(same_host(url, location)?));
        }
        let content_type = text(response.headers(), &CONTENT_TYPE).map(str::to_owned);
        let answer = |body| RawAnswer { status, content_type, body, url: shown.clone() };
        if turns_away(status) {
            let documented = self.quota_wait.filter(|_| status == 429);
            // A server may be asked again at once; a quota that is over at once would not have been told.
            let named = retry_after(response.headers()).filter(|wait| status != 429 || !wait.is_zero());
            let retry_after = named.or(documented);
            let refusal = turned_away(status, retry_after, shown);
            return Err(Failure { refusal, retry_after, answer: Some(Box::new(answer(scrap(response).await))) });
        }
        match self.body(response, shown).await {
            Ok(body) => Ok(Hop::Answer(answer(body))),
            // Too large to be kept; that it came is worth knowing.
            Err(refusal @ Refusal::SchemaChanged { .. }) => {
                Err(Failure { refusal, retry_after: None, answer: Some(Box::new(answer(Vec::new()))) })
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The cap counts decompressed bytes as they arrive, whatever the headers promise.
    async fn body(&self, mut response: Response, shown: &Url) -> Result<Vec<u8>, Refusal> {
        let most = self.max_body;
        let too_large = || Refusal::SchemaChanged { reason: format!("more than {most} bytes from {shown}") };
        if response.content_length().is_some_and(|length| length > most as u64) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.network(error, shown))? {
            if body.len() + chunk.len() > most {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn network(&self, error: reqwest::Error, shown: &Url) -> Refusal {
        // Who and why: the whole address tells a person nothing more.
        let host = shown.origin().ascii_serialization();
        let reason = if error.is_timeout() {
            format!("no whole answer within {:?} from {host}", self.timeout)
        } else if error.is_connect() {
            format!("cannot connect to {host}: {}", root(&error))
        } else {
            format!("{} ({host})", root(&error))
        };
        Refusal::Network { reason }
    }
}

fn headers(request: &Request) -> Result<HeaderMap, Refusal> {
    let mut headers = HeaderMap::new();
    for (name, value, secret) in request.headers() {
        // the value may be a secret and stays out of the text
        let mut value = HeaderValue::from_str(value)
            .map_err(|_| Refusal::Network { reason: format!("the value for {name} is no header value") })?;
        value.set_sensitive(secret);
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// Whether the status alone says that the question was not answered.
pub(super) const fn turns_away(status: u16) -> bool {
    status == 429 || status >= 500
}

/// What such a status means.
pub(super) fn turned_away(status: u16, retry_after: Option<Duration>, shown: &Url) -> Refusal {
    if status == 429 {
        Refusal::QuotaExceeded { retry_after, reason: format!("status 429 from {shown}") }
    } else {
        Refusal::Server { status }
    }
}

/// The beginning of a body, as far as it comes.
async fn scrap(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    let read = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() >= SCRAP {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(SCRAP_WAIT, read).await;
    body.truncate(SCRAP);
    body
}

/// Where a redirect leads, if that is the same host, on the same port or from plain to secure.
fn same_host(from: &Url, location: &str) -> Result<Url, Refusal> {
    let blocked = |reason: String| Refusal::Blocked { reason };
    let to = from.join(location).map_err(|error| blocked(format!("redirected to no address: {error}")))?;
    let host = to.host_str().unwrap_or("nowhere");
    let secured = (from.scheme(), from.port(), to.scheme(), to.port()) == ("http", None, "https", None);
    if to.host() != from.host() {
        Err(blocked(format!("redirected to another host {host}")))
    } else if secured || (to.scheme() == from.scheme() && to.port() == from.port()) {
        Ok(to)
    } else {
        let port = to.port_or_known_default().unwrap_or_default();
        Err(blocked(format!("redirected to another host {}://{host}:{port}", to.scheme())))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
