//! A router that can be exchanged while it serves: one for the start, one for everything after it.

use std::{
    convert::Infallible,
    sync::{Arc, PoisonError, RwLock},
    task::{Context, Poll},
};

use axum::{Router, extract::Request, response::Response};
use tower::{Service, ServiceExt as _, util::Oneshot};

/// Answers by whichever router was set last. Cheap to clone; all clones switch together.
#[derive(Clone)]
pub struct SwitchRouter(Arc<RwLock<Router>>);

impl SwitchRouter {
    #[must_use]
    pub fn new(first: Router) -> Self {
        Self(Arc::new(RwLock::new(first)))
    }

    /// Requests from now on go to this one; those under way end where they began.
    pub fn set(&self, next: Router) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// A router for [`serve`](super::serve).
    pub fn router(&self) -> Router {
        Router::new().fallback_service(self.clone())
    }
}

impl Service<Request> for SwitchRouter {
    type Response = Response;
    type Error = Infallible;
    type Future = Oneshot<Router, Request>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let router = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        router.oneshot(request)
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::StatusCode, routing::get};

    use super::*;

    async fn ask(router: Router, path: &str) -> StatusCode {
        router.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status()
    }

    #[tokio::test]
    async fn requests_after_the_switch_go_to_the_new_router() {
        let switch = SwitchRouter::new(Router::new());
        let serving = switch.router();
        assert_eq!(ask(serving.clone(), "/jobs").await, StatusCode::NOT_FOUND);
        switch.set(Router::new().route("/jobs", get(|| std::future::ready("jobs"))));
        assert_eq!(ask(serving, "/jobs").await, StatusCode::OK);
    }
}
