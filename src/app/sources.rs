//! The sources of the stock domain, each with its polite client, and what their settings mean for the whole.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use chrono::TimeDelta;
use url::Url;

use crate::{
    clock::Clock,
    crawl::{ClientOptions, Gate, Observer, PoliteClient, settings::SourceSettings},
    metrics::Metrics,
    stock::{
        calendar::{Delays, Market},
        jobs::Candidate,
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

/// What the clients of all sources share.
#[derive(Clone, Copy)]
pub struct SourceParts<'a> {
    pub gate: &'a Arc<dyn Gate>,
    pub metrics: &'a Arc<Metrics>,
    pub clock: &'a Clock,
}

/// The enabled sources, in the order the job wants them.
///
/// # Errors
/// When a client cannot be made.
pub fn sources(settings: &StockSettings, parts: SourceParts<'_>) -> anyhow::Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    for (name, source) in enabled(settings) {
        let client = || client(name, source, parts);
        let source: Arc<BarSource> = match name {
            SourceName::Yahoo => Arc::new(Yahoo::new(client()?)),
            SourceName::Kabutan => Arc::new(Kabutan::new(client()?)),
            SourceName::Stooq => {
                Arc::new(Stooq::new(client()?, source.api_key.as_ref().map_or("", |key| key.expose())))
            }
            SourceName::Jquants => match jquants(settings, parts)? {
                Some(api) => Arc::new(Jquants::new(api, settings.jquants_plan, parts.clock.clone())),
                None => continue,
            },
        };
        candidates.push(Candidate { name, source });
    }
    Ok(candidates)
}

/// Who lists the issues of Tokyo; nobody without J-Quants.
///
/// # Errors
/// When a client cannot be made.
pub fn master_source(settings: &StockSettings, parts: SourceParts<'_>) -> anyhow::Result<Option<Arc<ListSource>>> {
    Ok(jquants(settings, parts)?.map(|api| -> Arc<ListSource> { Arc::new(JquantsMaster::new(api)) }))
}

/// Who publishes Tokyo's calendar; nobody without J-Quants.
///
/// # Errors
/// When a client cannot be made.
pub fn calendar_source(
    settings: &StockSettings,
    parts: SourceParts<'_>,
) -> anyhow::Result<Option<Arc<CalendarSource>>> {
    Ok(jquants(settings, parts)?.map(|api| -> Arc<CalendarSource> { Arc::new(JquantsCalendar::new(api)) }))
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
        let serving = enabled(settings).filter(|(name, _)| name.serves(market));
        match serving.map(|(name, _)| delay_of(name)).min() {
            Some(delay) => delays.with(market, delay),
            None => delays,
        }
    })
}

/// The sources that the job asks, in its order.
fn enabled(settings: &StockSettings) -> impl Iterator<Item = (SourceName, &SourceSettings)> {
    let named = settings.job.sources.iter().filter_map(|name| SourceName::parse(name));
    named.filter_map(|name| Some((name, settings.sources.get(name.as_str()).filter(|source| source.enabled)?)))
}

/// The way to J-Quants, where it is enabled. Each of its sources has a client of its own; all keep one pace.
fn jquants(settings: &StockSettings, parts: SourceParts<'_>) -> anyhow::Result<Option<Api>> {
    let name = SourceName::Jquants;
    let Some(source) = settings.sources.get(name.as_str()).filter(|source| source.enabled) else { return Ok(None) };
    // Refused by the configuration when missing.
    let key = source.api_key.clone().context("sources.jquants.api_key")?;
    Ok(Some(Api::new(client(name, source, parts)?, key)))
}

fn client(name: SourceName, settings: &SourceSettings, parts: SourceParts<'_>) -> anyhow::Result<PoliteClient> {
    let base_url = Url::parse(settings.base_url.as_str()).context("base_url")?;
    let options = ClientOptions {
        min_interval: settings.min_interval,
        timeout: settings.timeout,
        max_retries: settings.max_retries,
        quota_wait: (name == SourceName::Jquants).then_some(QUOTA_WAIT),
        ..ClientOptions::new(name.as_str(), base_url, USER_AGENT)
    };
    let observer = Arc::new(Counted(Arc::clone(parts.metrics)));
    Ok(PoliteClient::new(options, Arc::clone(parts.gate), observer)?)
}

/// Requests as metrics.
struct Counted(Arc<Metrics>);

impl Observer for Counted {
    fn request(&self, source: &str, outcome: &'static str, duration: Duration) {
        self.0.source_request(source, outcome, duration);
    }
}
