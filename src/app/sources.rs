//! The sources of the stock domain, each with its polite client, in the configured order.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use url::Url;

use super::more_jobs::JobParts;
use crate::{
    crawl::{Archive, ClientOptions, Observer, PoliteClient, SourceEntry, archive::Answered, settings::SourceSettings},
    metrics::Metrics,
    stock::{
        jobs::{Candidate, Replayed},
        settings::StockSettings,
        sources::{BarSource, Kabutan, SourceName, Stooq, Yahoo},
    },
};

/// Names the product and where to complain.
const USER_AGENT: &str =
    concat!("data-infrastructure/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");

/// The enabled sources, in the order the job wants them.
///
/// # Errors
/// When a client cannot be made.
pub fn sources(settings: &StockSettings, parts: &JobParts) -> anyhow::Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    for name in settings.job.sources.iter().filter_map(|name| SourceName::parse(name)) {
        let Some(source) = settings.sources.get(name.as_str()).filter(|source| source.enabled) else { continue };
        if let Some(source) = over(name, client(name.as_str(), source, parts)?, source) {
            candidates.push(Candidate { name, source });
        }
    }
    Ok(candidates)
}

/// The sources whose archived answers can be read again, enabled or not.
///
/// # Errors
/// When an address is none.
pub fn replayed(settings: &StockSettings) -> anyhow::Result<Vec<Replayed>> {
    let mut sources = Vec::new();
    for (name, settings) in &settings.sources {
        let Some(name) = SourceName::parse(name) else { continue };
        let base_url = Url::parse(settings.base_url.as_str()).context("base_url")?;
        let settings = settings.clone();
        let over = Arc::new(move |recording| {
            over(name, PoliteClient::replaying(name.as_str(), base_url.clone(), recording), &settings)
        });
        sources.push(Replayed { name, over });
    }
    Ok(sources)
}

/// What people see of the sources.
#[must_use]
pub fn catalogue(settings: &StockSettings) -> Vec<SourceEntry> {
    let entry = |name: SourceName| {
        let settings = settings.sources.get(name.as_str())?;
        Some(SourceEntry::new(name.as_str(), settings, name.licence_note()))
    };
    SourceName::ALL.into_iter().filter_map(entry).collect()
}

/// A source over its client, whoever answers that.
fn over(name: SourceName, client: PoliteClient, settings: &SourceSettings) -> Option<Arc<BarSource>> {
    Some(match name {
        SourceName::Yahoo => Arc::new(Yahoo::new(client)),
        SourceName::Kabutan => Arc::new(Kabutan::new(client)),
        SourceName::Stooq => Arc::new(Stooq::new(client, settings.api_key.as_ref().map_or("", |key| key.expose()))),
        // Refused by the configuration when enabled.
        SourceName::Jquants => return None,
    })
}

/// The polite client of a source of any domain.
///
/// # Errors
/// When it cannot be made from the settings.
pub fn client(name: &'static str, settings: &SourceSettings, parts: &JobParts) -> anyhow::Result<PoliteClient> {
    let base_url = Url::parse(settings.base_url.as_str()).context("base_url")?;
    let options = ClientOptions {
        min_interval: settings.min_interval,
        daily_limit: settings.daily_limit,
        timeout: settings.timeout,
        max_retries: settings.max_retries,
        ..ClientOptions::new(name, base_url, USER_AGENT)
    };
    let observer = Arc::new(Watched { metrics: Arc::clone(&parts.metrics), archive: parts.archive.clone() });
    Ok(PoliteClient::new(options, Arc::clone(&parts.gate), observer)?)
}

/// Requests as metrics, and their answers in the archive.
struct Watched {
    metrics: Arc<Metrics>,
    archive: Archive,
}

impl Observer for Watched {
    fn request(&self, source: &'static str, outcome: &'static str, duration: Duration) {
        self.metrics.source_request(source, outcome, duration);
        self.archive.count(source, outcome);
    }

    fn answered(&self, answer: Answered) {
        self.archive.keep(answer);
    }
}
