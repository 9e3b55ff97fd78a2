//! The domains beside stock, each as one value: what the frame has to know of it.

use std::sync::Arc;

use axum::Router;

use super::{more_jobs::JobParts, sources::client};
use crate::{
    clock::Clock,
    config::Config,
    crawl::{SourceEntry, settings::SourceSettings},
    db::Database,
    fx::{
        self,
        ecb::{self, Ecb, RateSource},
        jobs::{FxJob, FxJobParts},
    },
    jobs::{Job, settings::JobSettings},
};

/// Jobs, each with its settings.
type Jobs = Vec<(Arc<dyn Job>, JobSettings)>;

/// What a domain brings.
pub struct Domain {
    /// Names of jobs, sources and tables, whose series exist at 0 from the start.
    pub jobs: &'static [&'static str],
    pub sources: &'static [&'static str],
    pub tables: &'static [&'static str],
    /// Its sources as people look at them.
    pub catalogue: fn(&Config) -> Vec<SourceEntry>,
    /// Makes its jobs from the configuration.
    pub build: fn(&Config, &JobParts) -> anyhow::Result<Jobs>,
    /// Its routes, state applied.
    pub router: fn(Database, Clock) -> Router,
}

/// Every domain beside stock.
pub const DOMAINS: &[Domain] = &[Domain {
    jobs: &[FxJob::NAME],
    sources: &[ecb::NAME],
    tables: &[FxJob::TABLE],
    catalogue: |config| vec![SourceEntry::new(ecb::NAME, &config.fx.source, ecb::LICENCE_NOTE)],
    build: fx_jobs,
    router: fx::api::router,
}];

/// The routes of all of them.
pub fn routes(database: &Database, clock: &Clock) -> Router {
    DOMAINS.iter().fold(Router::new(), |all, domain| all.merge((domain.router)(database.clone(), clock.clone())))
}

fn fx_jobs(config: &Config, parts: &JobParts) -> anyhow::Result<Jobs> {
    let ecb = |settings: &SourceSettings| -> anyhow::Result<Arc<RateSource>> {
        Ok(Arc::new(Ecb::new(client(ecb::NAME, settings, parts)?)))
    };
    let source = Some(&config.fx.source).filter(|settings| settings.enabled).map(ecb).transpose()?;
    let job = FxJob::new(FxJobParts { database: parts.database.clone(), source, metrics: Arc::clone(&parts.metrics) });
    Ok(vec![(Arc::new(job), config.fx.job.clone())])
}
