//! The sources of the stock domain, each with its polite client, and what their settings mean for the whole.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use chrono::TimeDelta;
use url::Url;

use super::more_jobs::JobParts;
use crate::{
    clock::Clock,
    crawl::{Archive, ClientOptions, Observer, PoliteClient, SourceEntry, archive::Answered, settings::SourceSettings},
    metrics::Metrics,
    stock::{
        calendar::{Delays, Market},
        jobs::{Candidate, Replayed},
        settings::StockSettings,
        sources::{
            BarSource, CalendarSource, Jquants, JquantsCalendar, JquantsMaster, Kabutan, ListSource, SourceName, Stooq,
            Yahoo,
            jquants::{Api, QUOTA_WAIT},
        },
    },
};

/// Names the product and where to complain.
const USER_AGENT: &str =
    concat!("data-infrastructure/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");

/// Those of the named sources that are enabled, in this order.
///
/// # Errors
/// When a client cannot be made.
pub fn sources(settings: &StockSettings, names: &[String], parts: &JobParts) -> anyhow::Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    for (name, source) in enabled(settings, names) {
        if let Some(source) = over(name, client(name.as_str(), source, parts)?, settings, &parts.clock) {
            candidates.push(Candidate { name, source });
        }
    }
    Ok(candidates)
}

/// The sources whose archived answers can be read again, enabled or not.
///
/// # Errors
/// When an address is none.
pub fn replayed(settings: &StockSettings, parts: &JobParts) -> anyhow::Result<Vec<Replayed>> {
    let mut sources = Vec::new();
    for (name, source) in &settings.sources {
        let Some(name) = SourceName::parse(name) else { continue };
        let base_url = Url::parse(source.base_url.as_str()).context("base_url")?;
        let (settings, clock) = (settings.clone(), parts.clock.clone());
        let over = Arc::new(move |recording| {
            over(name, PoliteClient::replaying(name.as_str(), base_url.clone(), recording), &settings, &clock)
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

/// A source over its client, whoever answers that; none without the key it needs.
fn over(name: SourceName, client: PoliteClient, settings: &StockSettings, clock: &Clock) -> Option<Arc<BarSource>> {
    let key = settings.sources.get(name.as_str()).and_then(|source| source.api_key.clone());
    Some(match name {
        SourceName::Yahoo => Arc::new(Yahoo::new(client)),
        SourceName::Kabutan => Arc::new(Kabutan::new(client)),
        SourceName::Stooq => Arc::new(Stooq::new(client, key.as_ref().map_or("", |key| key.expose()))),
        SourceName::Jquants => Arc::new(Jquants::new(Api::new(client, key?), settings.jquants_plan, clock.clone())),
    })
}

/// Who lists the issues of Tokyo; nobody without J-Quants.
///
/// # Errors
/// When a client cannot be made.
pub fn master_source(settings: &StockSettings, parts: &JobParts) -> anyhow::Result<Option<Arc<ListSource>>> {
    Ok(jquants(settings, parts)?.map(|api| -> Arc<ListSource> { Arc::new(JquantsMaster::new(api)) }))
}

/// Who publishes Tokyo's calendar; nobody without J-Quants.
///
/// # Errors
/// When a client cannot be made.
pub fn calendar_source(settings: &StockSettings, parts: &JobParts) -> anyhow::Result<Option<Arc<CalendarSource>>> {
    let mut settings = settings.clone();
    // Asked for once a day: what fails is left for tomorrow, and alone closes no breaker that bars depend on.
    settings.sources.entry(SourceName::Jquants.as_str()).and_modify(|source| source.max_retries = 0);
    Ok(jquants(&settings, parts)?.map(|api| -> Arc<CalendarSource> { Arc::new(JquantsCalendar::new(api)) }))
}

/// How late bars of a market can be had: J-Quants' free plan holds the newest weeks back, which matters where nobody
/// else serves.
#[must_use]
pub fn delays(settings: &StockSettings) -> Delays {
    let delay_of = |name| match name {
        SourceName::Jquants => settings.jquants_plan.delay(),
        SourceName::Yahoo | SourceName::Kabutan | SourceName::Stooq => TimeDelta::zero(),
    };
    Market::ALL.into_iter().fold(Delays::default(), |delays, market| {
        let serving = enabled(settings, &settings.job.sources).filter(|(name, _)| name.serves(market));
        match serving.map(|(name, _)| delay_of(name)).min() {
            Some(delay) => delays.with(market, delay),
            None => delays,
        }
    })
}

/// Those of the named sources that are enabled, in the order of the names.
fn enabled<'a>(
    settings: &'a StockSettings,
    names: &'a [String],
) -> impl Iterator<Item = (SourceName, &'a SourceSettings)> {
    let named = names.iter().filter_map(|name| SourceName::parse(name));
    named.filter_map(|name| Some((name, settings.sources.get(name.as_str()).filter(|source| source.enabled)?)))
}

/// The way to J-Quants, where it is enabled. Each of its sources has a client of its own; all keep one pace.
fn jquants(settings: &StockSettings, parts: &JobParts) -> anyhow::Result<Option<Api>> {
    let name = SourceName::Jquants;
    let Some(source) = settings.sources.get(name.as_str()).filter(|source| source.enabled) else { return Ok(None) };
    // Refused by the configuration when missing.
    let key = source.api_key.clone().context("sources.jquants.api_key")?;
    Ok(Some(Api::new(client(name.as_str(), source, parts)?, key)))
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
        quota_wait: (name == SourceName::Jquants.as_str()).then_some(QUOTA_WAIT),
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
