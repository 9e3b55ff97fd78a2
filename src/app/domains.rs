//! The domains beside stock, each as one value: what the frame has to know of it.

use std::sync::Arc;

use super::{more_jobs::JobParts, sources::client};
use crate::{
    clock::Clock,
    config::Config,
    crawl::SourceEntry,
    db::Database,
    fx,
    http::{self, Listed, Routes},
    jobs::{Job, settings::JobSettings},
    stock,
};

/// What a domain brings.
pub struct Domain {
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

/// The routes of all of them.
pub fn routes(database: &Database, clock: &Clock) -> Routes {
    DOMAINS.iter().fold(Routes::new(), |all, domain| all.merge((domain.router)(database.clone(), clock.clone())))
}

/// Every route of the daemon, as it is described: without state, so without configuration or database.
#[must_use]
pub fn listed() -> Listed {
    let others = DOMAINS.iter().map(|domain| (domain.listed)());
    let domains = others.fold(stock::api::listed(), Listed::merge);
    http::listed().merge(domains).merge(stock::api::uploads_listed())
}
