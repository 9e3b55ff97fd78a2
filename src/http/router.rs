//! The root router: which routes are open, which are guarded, and the frame around all of them.

use std::sync::Arc;

use axum::{Extension, Router, middleware};

use super::{
    audit,
    auth::{self, Auth},
    backfills::{self, BackfillsState},
    frame::{Frame, Framed},
    health::{self, Health},
    jobs::{self, JobsState},
    metrics_route::{self, MetricsState},
    openapi::{self, Document},
    page::{self, Site},
    problem::Problem,
    routes::{Listed, Routes},
    runs::{self, RunsState},
    sources::{self, SourcesState},
    table::Files,
};
use crate::{
    clock::Clock,
    crawl::Catalogue,
    db::Database,
    jobs::{Backfills, Registry, Triggers},
    metrics::Metrics,
    told,
    told::Told,
};

/// What the router is made of.
pub struct Parts {
    pub database: Database,
    pub registry: Registry,
    pub triggers: Triggers,
    pub backfills: Backfills,
    /// The configured sources.
    pub catalogue: Catalogue,
    pub metrics: Arc<Metrics>,
    pub clock: Clock,
    pub auth: Arc<Auth>,
    pub frame: Arc<Frame>,
    pub health: Health,
    /// Stands on every page: "Sample data: …".
    pub banner: Option<Told>,
    /// The domains' routes, with their state applied and without a fallback.
    pub domain: Routes,
    /// Those of the domains' routes that take files, which may be as large as [`MAX_UPLOAD`](super::MAX_UPLOAD).
    pub uploads: Option<Routes>,
}

/// Everything the daemon serves once its database is there.
pub fn router(parts: Parts) -> Router {
    let Parts {
        database,
        registry,
        triggers,
        backfills,
        catalogue,
        metrics,
        clock,
        auth,
        frame,
        health,
        banner,
        domain,
        uploads,
    } = parts;
    let draining = health.draining().clone();
    let waiter = runs::Waiter { database: database.clone(), clock: clock.clone(), draining: draining.clone() };
    let metrics_state = MetricsState { metrics: Arc::clone(&metrics), health: health.clone() };
    let backfills_state =
        BackfillsState { database: database.clone(), registry: registry.clone(), backfills, clock: clock.clone() };
    let sources_state = SourcesState { database: database.clone(), catalogue, clock: clock.clone() };
    let jobs_state = JobsState {
        database,
        registry,
        triggers: triggers.clone(),
        metrics: Arc::clone(&metrics),
        clock,
        waiter: waiter.clone(),
    };
    let audit = audit::routes().with_state(waiter.database.clone());
    let runs_state = RunsState::new(waiter, triggers, Arc::clone(&metrics));
    let (domain, told) = domain.split();
    let (uploads, told) = match uploads.map(Routes::split) {
        Some((uploads, more)) => (Some(uploads), told.merge(more)),
        None => (None, told),
    };
    let site = Site::new(banner, &told.places);
    let document = Document::new(&openapi::document(listed().merge(told)));
    let own = Routes::new()
        .merge(jobs::routes().with_state(jobs_state))
        .merge(runs::routes().with_state(runs_state))
        .merge(audit)
        .merge(sources::routes().with_state(sources_state))
        .merge(backfills::routes().with_state(backfills_state))
        .merge(openapi::routes().with_state(document));
    let guarded = own.split().0.merge(domain).route_layer(middleware::from_fn(auth::gate));
    let uncounted = uncounted(health, metrics_state);
    let site = middleware::from_fn_with_state(site, page::provide);
    let uploads = uploads.map(|uploads| uploads.route_layer(middleware::from_fn(auth::gate)));
    let routes = Files::default().around(guarded.fallback(unknown_route));
    let framed = Framed { uncounted, routes, uploads };
    frame.around(framed).layer(Extension(auth)).layer(site)
}

/// The routes that tell how the daemon is, most of all when it is busy.
fn uncounted(health: Health, metrics: MetricsState) -> Router {
    let metrics = metrics_route::routes().with_state(metrics).split().0;
    health::routes().with_state(health).split().0.merge(metrics.route_layer(middleware::from_fn(auth::gate)))
}

/// Every route of this module, as it is described; those of domains are told by them.
#[must_use]
pub fn listed() -> Listed {
    [
        metrics_route::routes().listed(),
        jobs::routes().listed(),
        runs::routes().listed(),
        backfills::routes().listed(),
        sources::routes().listed(),
        audit::routes().listed(),
        openapi::routes().listed(),
    ]
    .into_iter()
    .fold(health::routes().listed(), Listed::merge)
}

/// What the daemon serves while it waits for its database: alive, not ready, and nothing else but metrics.
pub fn starting_router(health: Health, metrics: Arc<Metrics>, auth: Arc<Auth>, frame: &Arc<Frame>) -> Router {
    let state = MetricsState { metrics, health: health.clone() };
    let starting = health.clone();
    let uncounted = uncounted(health, state);
    let routes = Router::new().fallback(move || std::future::ready(Problem::unavailable(starting.why_starting())));
    frame.around(Framed { uncounted, routes, uploads: None }).layer(Extension(auth))
}

async fn unknown_route() -> Problem {
    Problem::not_found(told!(
        "there is nothing at this address; /jobs and /runs are a start",
        "このアドレスには何もありません。まず /jobs か /runs をご覧ください"
    ))
}
