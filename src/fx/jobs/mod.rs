//! Turning the crank: the `fx` job. What is missing is fetched by the smallest file that has it, and loaded.

mod fetch;
mod job;
mod load;
mod need;

use std::sync::Arc;

use crate::{
    crawl::{PoliteClient, settings::SourceSettings},
    db::Database,
    fx::{
        ecb::{self, Ecb, RateSource},
        settings::FxSettings,
    },
    jobs::{Job, settings::JobSettings},
    metrics::Metrics,
};

pub use job::{FxJob, FxJobParts};

/// The domain's jobs as they are configured; `client` makes the polite client of a source.
///
/// # Errors
/// When the client cannot be made.
pub fn build(
    settings: &FxSettings,
    database: &Database,
    metrics: &Arc<Metrics>,
    client: impl Fn(&'static str, &SourceSettings) -> anyhow::Result<PoliteClient>,
) -> anyhow::Result<Vec<(Arc<dyn Job>, JobSettings)>> {
    let source: Option<Arc<RateSource>> = match &settings.source {
        source if source.enabled => Some(Arc::new(Ecb::new(client(ecb::NAME, source)?))),
        _ => None,
    };
    let job = FxJob::new(FxJobParts { database: database.clone(), source, metrics: Arc::clone(metrics) });
    Ok(vec![(Arc::new(job), settings.job.clone())])
}
