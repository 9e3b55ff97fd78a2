//! The sources of the stock domain, each with its polite client, in the configured order.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use url::Url;

use crate::{
    crawl::{ClientOptions, Gate, Observer, PoliteClient, settings::SourceSettings},
    metrics::Metrics,
    stock::{
        jobs::Candidate,
        settings::StockSettings,
        sources::{BarSource, Kabutan, SourceName, Stooq, Yahoo},
    },
};

/// Names the product and where to complain.
const USER_AGENT: &str =
    concat!("data-infrastructure/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");

/// Those of the named sources that are enabled, in this order.
///
/// # Errors
/// When a client cannot be made.
pub fn sources(
    settings: &StockSettings,
    names: &[String],
    gate: &Arc<dyn Gate>,
    metrics: &Arc<Metrics>,
) -> anyhow::Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    for name in names.iter().filter_map(|name| SourceName::parse(name)) {
        let Some(source) = settings.sources.get(name.as_str()).filter(|source| source.enabled) else { continue };
        let client = client(name, source, gate, metrics)?;
        let source: Arc<BarSource> = match name {
            SourceName::Yahoo => Arc::new(Yahoo::new(client)),
            SourceName::Kabutan => Arc::new(Kabutan::new(client)),
            SourceName::Stooq => Arc::new(Stooq::new(client, source.api_key.as_ref().map_or("", |key| key.expose()))),
            // Refused by the configuration when enabled.
            SourceName::Jquants => continue,
        };
        candidates.push(Candidate { name, source });
    }
    Ok(candidates)
}

fn client(
    name: SourceName,
    settings: &SourceSettings,
    gate: &Arc<dyn Gate>,
    metrics: &Arc<Metrics>,
) -> anyhow::Result<PoliteClient> {
    let base_url = Url::parse(settings.base_url.as_str()).context("base_url")?;
    let options = ClientOptions {
        min_interval: settings.min_interval,
        timeout: settings.timeout,
        max_retries: settings.max_retries,
        ..ClientOptions::new(name.as_str(), base_url, USER_AGENT)
    };
    let observer = Arc::new(Counted(Arc::clone(metrics)));
    Ok(PoliteClient::new(options, Arc::clone(gate), observer)?)
}

/// Requests as metrics.
struct Counted(Arc<Metrics>);

impl Observer for Counted {
    fn request(&self, source: &str, outcome: &'static str, duration: Duration) {
        self.0.source_request(source, outcome, duration);
    }
}
