//! Text is compressed for those who can read it so. What streams keeps flowing: whatever is there when the next piece is
//! not leaves at once.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderMap, Response, StatusCode, header},
    middleware::{Next, from_fn},
    response,
};
use hyper::body::{Frame, SizeHint};
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, Predicate, predicate::SizeAbove},
};

/// Less is not worth it.
const SMALLEST: u64 = 1024;

const TEXTS: [&str; 6] = [
    "application/json",
    "application/problem+json",
    "application/x-ndjson",
    "application/ndjson",
    "application/javascript",
    "image/svg+xml",
];

/// Puts the compression around a router.
pub fn around(router: Router) -> Router {
    // The fast levels: most of the gain for a small part of the time.
    let layer = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(Worth);
    router.layer(from_fn(remember)).layer(layer).layer(from_fn(restore))
}

/// The status as it was given.
#[derive(Clone, Copy)]
struct Given(StatusCode);

async fn remember(request: Request, next: Next) -> response::Response {
    let mut response = next.run(request).await;
    let given = Given(response.status());
    response.extensions_mut().insert(given);
    response.map(|body| Body::new(Fused(Some(body))))
}

/// A body that is asked no more once it has ended: the compression looks for trailers after that, and not every stream
/// bears it. `None` when it has.
struct Fused(Option<Body>);

impl HttpBody for Fused {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let inner = &mut self.get_mut().0;
        let Some(body) = inner else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            *inner = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

/// Whoever accepts no form that there is gets the plain one, not a 406 in place of what really happened.
async fn restore(request: Request, next: Next) -> response::Response {
    let mut response = next.run(request).await;
    if let Some(Given(status)) = response.extensions_mut().remove::<Given>() {
        *response.status_mut() = status;
    }
    response
}

#[derive(Clone, Copy)]
struct Worth;

impl Predicate for Worth {
    fn should_compress<B: HttpBody>(&self, response: &Response<B>) -> bool {
        let whole = response.status() != StatusCode::PARTIAL_CONTENT && response.status() != StatusCode::NOT_MODIFIED;
        whole && is_text(response.headers()) && SizeAbove::new(SMALLEST).should_compress(response)
    }
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    // Events have to leave one by one, and some proxies hold compressed ones back.
    (kind.starts_with("text/") && kind != "text/event-stream") || TEXTS.contains(&kind.as_str())
}
