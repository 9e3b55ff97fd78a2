//! Misbehaviour on demand.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};

use super::page::{HTML, Page, TEXT};
use super::stooq;

/// What a source does instead of answering, to requests for one code or for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `yahoo`, `kabutan` or `stooq`.
    pub source: &'static str,
    /// Any code when none.
    pub code: Option<String>,
    pub kind: FaultKind,
    /// For how many requests; for ever when none.
    pub times: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// No answer until the client gives up.
    Timeout,
    /// This status with a short text.
    Status(u16),
    /// 429 as Yahoo sends it, with the seconds in `Retry-After` if given; Stooq without them says it under status 200.
    RateLimited { retry_after: Option<Duration> },
    /// An access control: Stooq's proof of work under status 200, a 403 page from the others.
    BlockPage,
    /// Status 200 and nothing.
    EmptyBody,
    /// The first half of the true answer, in the middle of a number if need be.
    Truncated,
    /// A page about maintenance, status 200.
    Html,
    /// The true answer, padded with blanks to this many bytes.
    Huge(usize),
    /// The connection breaks in the middle of the true answer.
    CutOff,
    /// A redirect to another host.
    RedirectElsewhere,
}

impl Fault {
    /// For every code, for ever.
    #[must_use]
    pub fn new(source: &'static str, kind: FaultKind) -> Self {
        Self { source, code: None, kind, times: None }
    }

    #[must_use]
    pub fn of_code(mut self, code: &str) -> Self {
        self.code = Some(code.to_owned());
        self
    }

    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Whether this request meets the fault; counts it if so.
    pub(super) fn strikes(&mut self, source: &str, code: &str) -> bool {
        let meets = self.source == source && self.code.as_deref().is_none_or(|only| only == code);
        match &mut self.times {
            _ if !meets => false,
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

impl FaultKind {
    /// Whether the source, or the way to it, is what failed: so many of these in a row mean that it is down.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        match self {
            Self::Timeout | Self::CutOff | Self::Huge(_) => true,
            Self::Status(status) => status >= 500,
            _ => false,
        }
    }

    /// The answer of `source` under this fault, made from the true one. A timeout has none.
    pub(super) fn spoil(self, source: &str, page: Page) -> Response {
        match self {
            Self::Timeout => Page::new(StatusCode::SERVICE_UNAVAILABLE, TEXT, "").into_response(),
            Self::Status(code) => {
                let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                Page::new(status, TEXT, format!("status {code} on demand\n")).into_response()
            }
            Self::RateLimited { retry_after } => rate_limited(source, retry_after),
            Self::BlockPage if source == stooq::NAME => Page::ok(HTML, PROOF_OF_WORK).into_response(),
            Self::BlockPage => Page::new(StatusCode::FORBIDDEN, HTML, ACCESS_DENIED).into_response(),
            Self::EmptyBody => Page { body: String::new(), ..page }.into_response(),
            Self::Truncated => Page { body: first_half(&page.body), ..page }.into_response(),
            Self::Html => Page::ok(HTML, MAINTENANCE).into_response(),
            Self::Huge(bytes) => padded(page, bytes),
            Self::CutOff => cut_off(page),
            Self::RedirectElsewhere => {
                (StatusCode::FOUND, [(header::LOCATION, "http://elsewhere.invalid/")]).into_response()
            }
        }
    }
}

const PROOF_OF_WORK: &str = "<!DOCTYPE html><html><head><title>Verify</title></head><body><noscript>This site requires \
     JavaScript to verify your browser</noscript><script>const challenge=\"SAMPLE\",zeros=4;\
     /* post to /__verify */</script></body></html>\n";

const ACCESS_DENIED: &str = "<!DOCTYPE html><html><head><title>403 Forbidden</title></head><body><h1>Access denied</h1>\
     <p>Your requests look automated.</p></body></html>\n";

const MAINTENANCE: &str = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We will be back soon\
     </h1></body></html>\n";

fn rate_limited(source: &str, retry_after: Option<Duration>) -> Response {
    match retry_after {
        None if source == stooq::NAME => Page::ok(TEXT, stooq::LIMIT).into_response(),
        None => Page::new(StatusCode::TOO_MANY_REQUESTS, TEXT, TOO_MANY).into_response(),
        Some(wait) => {
            let header = [(header::RETRY_AFTER, wait.as_secs().to_string())];
            (header, Page::new(StatusCode::TOO_MANY_REQUESTS, TEXT, TOO_MANY)).into_response()
        }
    }
}

const TOO_MANY: &str = "Too Many Requests\n";

fn first_half(body: &str) -> String {
    let middle = (0..=body.len() / 2).rev().find(|at| body.is_char_boundary(*at)).unwrap_or(0);
    body[..middle].to_owned()
}

/// Breaks after the first half has been sent.
fn cut_off(page: Page) -> Response {
    let half = Bytes::from(first_half(&page.body));
    let broken = stream::once(async {
        // What was given before is sent while this one is not ready.
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    let body = Body::from_stream(stream::iter([Ok(half)]).chain(broken));
    (page.status, [(header::CONTENT_TYPE, page.content_type)], body).into_response()
}

/// Streams, so that 100 MiB cost nobody 100 MiB; no length is announced, so that the client must count.
fn padded(page: Page, bytes: usize) -> Response {
    static BLANKS: [u8; 65_536] = [b' '; 65_536];
    let missing = bytes.saturating_sub(page.body.len());
    let whole = (0..missing / BLANKS.len()).map(|_| Bytes::from_static(&BLANKS));
    let rest = Bytes::from_static(&BLANKS[..missing % BLANKS.len()]);
    let chunks = std::iter::once(Bytes::from(page.body)).chain(whole).chain([rest]);
    let body = Body::from_stream(stream::iter(chunks.map(Ok::<_, Infallible>)));
    (page.status, [(header::CONTENT_TYPE, page.content_type)], body).into_response()
}
