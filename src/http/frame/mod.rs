//! What every answer gets, whatever route gave it: a request id, a span, metrics, limits, compression, security headers,
//! and failures as problems.

mod address;
mod busy;
mod client;
mod compress;
mod cors;
mod headers;
mod limits;
mod observe;
mod panics;
mod request_id;
mod writes;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
};
use tokio::sync::Semaphore;
use tower_http::{catch_panic::CatchPanicLayer, cors::CorsLayer};

use self::{client::Proxies, writes::WriteLimit};
use super::{extract::MAX_BODY, problem::Problem, settings::FrameSettings};
use crate::{metrics::Metrics, told};

pub use busy::only_waits;
pub use client::Peer;
pub use observe::Client;
pub use request_id::RequestId;

/// The frame of one daemon: what its clients may take together, whichever router answers them.
pub struct Frame {
    proxies: Proxies,
    requests: Arc<Semaphore>,
    writes: Option<WriteLimit>,
    cors: Option<CorsLayer>,
    time: Duration,
    metrics: Arc<Metrics>,
}

/// The routes that a frame is put around.
pub struct Framed {
    /// Answered however much is under way.
    pub uncounted: Router,
    pub routes: Router,
    /// Those that take files, whose bodies are larger and take longer.
    pub uploads: Option<Router>,
}

impl Frame {
    #[must_use]
    pub fn new(settings: &FrameSettings, metrics: Arc<Metrics>) -> Self {
        Self {
            proxies: Proxies::new(settings.trusted_proxies.clone()),
            requests: Arc::new(Semaphore::new(settings.max_requests)),
            writes: WriteLimit::new(settings.writes_per_minute),
            cors: cors::layer(&settings.cors_origins),
            time: settings.request_timeout,
            metrics,
        }
    }

    /// Puts the frame around the routes. The last layer is the outermost.
    pub(super) fn around(self: &Arc<Self>, framed: Framed) -> Router {
        let Framed { uncounted, routes, uploads } = framed;
        let uploads = uploads.map(|uploads| {
            uploads
                .method_not_allowed_fallback(method_not_allowed)
                .layer(DefaultBodyLimit::disable())
                .layer(from_fn_with_state(limits::UPLOAD_TIME, limits::time))
                .layer(from_fn(limits::upload_size))
        });
        let counted = self
            .ordinary(routes)
            .merge(uploads.unwrap_or_default())
            .layer(from_fn_with_state(Arc::clone(self), busy::count));
        let judged = counted
            .merge(self.ordinary(uncounted))
            .layer(CatchPanicLayer::custom(panics::answer))
            .layer(from_fn(address::judge))
            .layer(from_fn_with_state(Arc::clone(self), writes::limit));
        // Other sites' pages may read what is wrong as well.
        let shared = match self.cors.clone() {
            Some(cors) => judged.layer(cors),
            None => judged,
        };
        let observed = shared.layer(from_fn_with_state(Arc::clone(self), observe::observe));
        compress::around(observed).layer(from_fn(headers::secure))
    }

    fn ordinary(&self, routes: Router) -> Router {
        routes
            .method_not_allowed_fallback(method_not_allowed)
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .layer(from_fn_with_state(self.time, limits::time))
            .layer(from_fn(limits::size))
    }
}

async fn method_not_allowed() -> Problem {
    let message = told!(
        "this address does not serve the method; see the header Allow",
        "このアドレスではそのメソッドは使えません。使えるメソッドは Allow ヘッダーにあります"
    );
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, message)
}
