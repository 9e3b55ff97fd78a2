//! Which pages of other sites may read answers, and which may also ask for changes. Being asked by a browser is all that
//! this permits: a change still needs a token.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header, request};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::http::settings::ANY_ORIGIN;

/// How long a browser need not ask again.
const MAX_AGE: Duration = Duration::from_mins(10);

/// None without origins: no such header ever.
pub fn layer(origins: &[String]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let any = origins.iter().any(|origin| origin == ANY_ORIGIN);
    let known = origins.to_vec();
    let permitted = move |origin: &HeaderValue, request: &request::Parts| {
        known.iter().any(|known| known != ANY_ORIGIN && origin == known) || (any && reads(request))
    };
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(permitted))
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("prefer"),
            HeaderName::from_static("x-request-id"),
        ])
        .expose_headers([
            header::ETAG,
            header::LOCATION,
            header::RETRY_AFTER,
            HeaderName::from_static("next-cursor"),
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("data-source"),
            HeaderName::from_static("data-licence-note"),
        ])
        .max_age(MAX_AGE);
    Some(layer)
}

/// Whether this reads, or asks whether it may read.
fn reads(request: &request::Parts) -> bool {
    let asked = request.headers.get(header::ACCESS_CONTROL_REQUEST_METHOD).map(HeaderValue::as_bytes);
    match (request.method.as_str(), asked) {
        ("OPTIONS", Some(asked)) => matches!(asked, b"GET" | b"HEAD"),
        (method, _) => matches!(method, "GET" | "HEAD"),
    }
}
