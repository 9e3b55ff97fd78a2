//! What every answer gets, whatever route gave it: a request id, a span, metrics, limits, security headers, and
//! failures as problems.

mod headers;
mod limits;
mod observe;
mod panics;
mod request_id;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
};
use tower_http::catch_panic::CatchPanicLayer;

use super::{extract::MAX_BODY, problem::Problem};
use crate::{metrics::Metrics, told};

pub use request_id::RequestId;

/// Puts the frame around a router, and around routes that take files, whose bodies are larger and take longer. The last
/// layer is the outermost.
pub fn around(router: Router, uploads: Option<Router>, metrics: Arc<Metrics>) -> Router {
    let router = router
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn(limits::time))
        .layer(from_fn(limits::size));
    let uploads = uploads.map(|uploads| {
        uploads
            .method_not_allowed_fallback(method_not_allowed)
            .layer(DefaultBodyLimit::disable())
            .layer(from_fn(limits::upload_time))
            .layer(from_fn(limits::upload_size))
    });
    router
        .merge(uploads.unwrap_or_default())
        .layer(CatchPanicLayer::custom(panics::answer))
        .layer(from_fn_with_state(metrics, observe::observe))
        .layer(from_fn(headers::secure))
}

async fn method_not_allowed() -> Problem {
    let message = told!(
        "this address does not serve the method; see the header Allow",
        "このアドレスではそのメソッドは使えません。使えるメソッドは Allow ヘッダーにあります"
    );
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, message)
}
