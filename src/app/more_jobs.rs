//! Jobs beside the built-in ones, of a program that embeds the daemon: a domain of its own, or a test.

use std::sync::Arc;

use crate::{
    clock::Clock,
    crawl::{Archive, Catalogue, Gate},
    db::Database,
    jobs::{Job, settings::JobSettings},
    metrics::Metrics,
};

/// What such a job may be made of.
pub struct JobParts {
    pub database: Database,
    /// Keeps the pace of a source over all replicas.
    pub gate: Arc<dyn Gate>,
    /// Keeps what sources answer, and counts it.
    pub archive: Archive,
    /// The configured sources, to be looked at.
    pub catalogue: Catalogue,
    pub metrics: Arc<Metrics>,
    pub clock: Clock,
}

type Build = dyn Fn(&JobParts) -> anyhow::Result<Vec<(Arc<dyn Job>, JobSettings)>> + Send + Sync;

/// The jobs, made as soon as the database is there. By default there are none.
#[derive(Clone)]
pub struct MoreJobs {
    /// Their names, whose series exist at 0 from the start.
    pub names: Vec<&'static str>,
    /// The names of their sources.
    pub sources: Vec<&'static str>,
    pub build: Arc<Build>,
}

impl Default for MoreJobs {
    fn default() -> Self {
        Self { names: Vec::new(), sources: Vec::new(), build: Arc::new(|_| Ok(Vec::new())) }
    }
}
