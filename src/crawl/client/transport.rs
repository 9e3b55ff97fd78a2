//! One request on the wire, with its caps: time, bytes, hosts. Retries nothing and waits for nobody.

use std::error::Error;
use std::time::Duration;

use anyhow::Context;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use url::Url;

use super::ClientOptions;
use crate::crawl::answer::Refusal;
use crate::crawl::raw_answer::RawAnswer;
use crate::crawl::request::Request;
use crate::crawl::retry::parse_retry_after;
use crate::settings::is_loopback;

/// Establishing a connection takes no longer than this, whatever the whole may take.
const CONNECT: Duration = Duration::from_secs(10);

pub(super) struct Transport {
    http: Client,
    timeout: Duration,
    max_body: usize,
    quota_wait: Option<Duration>,
}

/// What one request led to.
pub(super) enum Hop {
    Answer(RawAnswer),
    /// To the same host.
    Redirect(Url),
}

/// A refusal and the wait the source asked for.
pub(super) struct Failure {
    pub(super) refusal: Refusal,
    pub(super) retry_after: Option<Duration>,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, retry_after: None }
    }
}

impl Transport {
    pub(super) fn new(options: &ClientOptions) -> anyhow::Result<Self> {
        let base = &options.base_url;
        let scheme = base.scheme();
        anyhow::ensure!(matches!(scheme, "http" | "https"), "an address is http or https, not {scheme}");
        let _ = rustls::crypto::ring::default_provider().install_default(); // the first one installed stays
        let mut builder = Client::builder()
            .user_agent(HeaderValue::from_str(&options.user_agent).context("user agent")?)
            .redirect(Policy::none())
            .connect_timeout(options.timeout.min(CONNECT))
            .timeout(options.timeout);
        if is_loopback(base) {
            // this host is asked directly, and needs no authority to vouch for it
            builder = builder.no_proxy().tls_certs_only([]);
        }
        let http = builder.build()?;
        Ok(Self { http, timeout: options.timeout, max_body: options.max_body, quota_wait: options.quota_wait })
    }

    pub(super) async fn send(&self, url: &Url, request: &Request) -> Result<Hop, Failure> {
        let shown = request.shown(url);
        let sent = self.http.get(url.clone()).headers(headers(request)?).send().await;
        let response = sent.map_err(|error| self.network(error, &shown))?;
        let status = response.status().as_u16();
        if let (300..=399, Some(location)) = (status, text(response.headers(), &LOCATION)) {
            return Ok(Hop::Redirect(same_host(url, location)?));
        }
        if status == 429 || status >= 500 {
            return Err(self.turned_away(status, response.headers(), &shown));
        }
        let content_type = text(response.headers(), &CONTENT_TYPE).map(str::to_owned);
        let body = self.body(response, &shown).await?;
        Ok(Hop::Answer(RawAnswer { status, content_type, body, url: shown }))
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

    fn turned_away(&self, status: u16, headers: &HeaderMap, shown: &Url) -> Failure {
        let retry_after = text(headers, &RETRY_AFTER).and_then(|value| parse_retry_after(value, text(headers, &DATE)));
        if status != 429 {
            return Failure { refusal: Refusal::Server { status }, retry_after };
        }
        let retry_after = retry_after.or(self.quota_wait);
        let reason = format!("status 429 from {shown}");
        Failure { refusal: Refusal::QuotaExceeded { retry_after, reason }, retry_after }
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

/// The first cause, which is what a person needs: `Connection refused`.
fn root(error: &dyn Error) -> String {
    let mut root = error;
    while let Some(cause) = root.source() {
        root = cause;
    }
    root.to_string()
}
