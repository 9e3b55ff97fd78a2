//! The domains beside stock, each as one value: what the frame has to know of it.

use std::sync::Arc;

use super::{more_jobs::JobParts, sources::client};
use crate::{
    alerts, audit,
    clock::Clock,
    config::Config,
    crawl::{self, SourceEntry},
    db::{self, Area, Database},
    fx,
    http::{self, Listed, Routes},
    jobs::{self, Job, settings::JobSettings},
    stock,
};

/// What a domain brings.
pub struct Domain {
    /// Its part of the schema.
    pub area: Area,
    /// Names of jobs, sources and tables, whose series exist at 0 from the start.
    pub jobs: &'static [&'static str],
    pub sources: &'static [&'static str],
    pub tables: &'static [&'static str],
    /// What people see of its sources.
    pub catalogue: fn(&Config) -> Vec<SourceEntry>,
    /// Makes its jobs from the configuration.
    pub build: fn(&Config, &JobParts) -> anyhow::Result<Jobs>,
    /// Its routes, state applied.
    pub router: fn(Database, Clock) -> Routes,
    /// What is told of its routes.
    pub listed: fn() -> Listed,
}

type Jobs = Vec<(Arc<dyn Job>, JobSettings)>;

/// Every domain beside stock.
pub const DOMAINS: &[Domain] = &[Domain {
    area: fx::AREA,
    jobs: fx::JOBS,
    sources: fx::SOURCES,
    tables: fx::TABLES,
    catalogue: |config| vec![SourceEntry::new(fx::ecb::NAME, &config.fx.source, fx::ecb::LICENCE_NOTE)],
    build: |config, parts| {
        let JobParts { database, metrics, .. } = parts;
        fx::jobs::build(&config.fx, database, metrics, |name, source| client(name, source, parts))
    },
    router: fx::api::router,
    listed: fx::api::listed,
}];

/// The routes of all of them, and the page that tells of everybody's tables.
pub fn routes(database: &Database, clock: &Clock) -> Routes {
    let page = http::data_model(database.clone(), areas());
    DOMAINS.iter().fold(page, |all, domain| all.merge((domain.router)(database.clone(), clock.clone())))
}

/// The parts of the schema, in the order in which they are best read.
#[must_use]
pub fn areas() -> Vec<Area> {
    let domains = DOMAINS.iter().map(|domain| domain.area);
    let frame = [jobs::AREA, crawl::AREA, alerts::AREA, audit::AREA];
    stock::AREAS.iter().copied().chain(frame).chain(domains).chain([db::AREA]).collect()
}

/// Every route of the daemon, as it is described: without state, so without configuration or database.
#[must_use]
pub fn listed() -> Listed {
    let others = DOMAINS.iter().map(|domain| (domain.listed)());
    let domains = others.fold(stock::api::listed(), Listed::merge);
    http::listed().merge(http::data_model_listed()).merge(domains).merge(stock::api::uploads_listed())
}
