//! Routes as data beside axum's router: what is served can be listed, and a test can knock at every door.

use axum::{
    Router,
    handler::Handler,
    routing::{get, post},
};

use super::{audit, backfills, health, jobs, metrics_route, runs, sources};

/// One method on one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    pub method: &'static str,
    /// With parameters in braces, as axum writes them.
    pub path: &'static str,
    /// Whether it answers anyone, whatever the configuration says.
    pub open: bool,
}

/// A router that remembers its routes. `S` is the state its handlers take.
pub struct Routes<S> {
    router: Router<S>,
    listed: Vec<Route>,
    open: bool,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Routes behind the gate: the default.
    pub fn guarded() -> Self {
        Self { router: Router::new(), listed: Vec::new(), open: false }
    }

    /// Routes that answer anyone.
    pub fn open() -> Self {
        Self { open: true, ..Self::guarded() }
    }

    /// Adds a route that reads.
    #[must_use]
    pub fn get<T: 'static>(mut self, path: &'static str, handler: impl Handler<T, S>) -> Self {
        self.listed.push(Route { method: "GET", path, open: self.open });
        self.router = self.router.route(path, get(handler));
        self
    }

    /// Adds a route that changes something.
    #[must_use]
    pub fn post<T: 'static>(mut self, path: &'static str, handler: impl Handler<T, S>) -> Self {
        self.listed.push(Route { method: "POST", path, open: self.open });
        self.router = self.router.route(path, post(handler));
        self
    }

    pub fn with_state(self, state: S) -> Router {
        self.router.with_state(state)
    }
}

/// Every route of this module; those of domains stand in their own routers.
#[must_use]
pub fn route_table() -> Vec<Route> {
    [
        health::routes().listed,
        metrics_route::routes().listed,
        jobs::routes().listed,
        runs::routes().listed,
        backfills::routes().listed,
        audit::routes().listed,
        sources::routes().listed,
    ]
    .concat()
}
