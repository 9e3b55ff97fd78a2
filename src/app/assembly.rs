//! Everything that runs jobs, built once from configuration and database.

use std::sync::Arc;

use anyhow::Context as _;

use super::{
    domains::DOMAINS,
    instance::instance,
    more_jobs::{JobParts, MoreJobs},
    sources::{calendar_source, catalogue, delays, master_source, replayed, sources},
};
use crate::{
    alerts::Event,
    clock::Clock,
    config::Config,
    crawl::{Archive, Catalogue, Gate, observer::OUTCOMES, store::DatabaseGate},
    db::Database,
    jobs::{
        Backfills, Executor, ExecutorParts, Registered, Registry, RunState, TaskState, TickOutcome, Trigger, Triggers,
    },
    metrics::{Labels, Metrics},
    scheduler::{Backfiller, Planner, PlannerParts, Rescuer, registered},
    stock::{
        calendar::Market,
        jobs::{
            CalendarsOfRuns, CompanyJob, CompanyJobParts, ExchangeCalendar, ImportJob, ImportJobParts, ReconcileJob,
            ReplayJob, ReplayJobParts, StockJob, StockJobParts,
        },
        sources::SourceName,
    },
};

/// Jobs and what works them off.
pub struct Assembly {
    /// What jobs are made of, for those of a new configuration.
    pub parts: JobParts,
    pub registry: Registry,
    pub executor: Executor,
    pub triggers: Triggers,
    pub planner: Planner,
    pub rescuer: Rescuer,
    pub backfills: Backfills,
    pub backfiller: Backfiller,
}

/// The metrics of a process with this configuration, all at 0.
///
/// # Errors
/// When two series have one name.
pub fn metrics(more: &MoreJobs) -> anyhow::Result<Metrics> {
    let finals: Vec<&str> = RunState::ALL.iter().filter(|state| state.is_final()).map(|state| state.as_str()).collect();
    let triggers: Vec<&str> = Trigger::ALL.iter().map(|trigger| trigger.as_str()).collect();
    let outcomes: Vec<&str> = TickOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    let mut sources: Vec<&str> = SourceName::ALL.iter().map(|source| source.as_str()).collect();
    sources.extend(&more.sources);
    let mut jobs = vec![StockJob::NAME, ReplayJob::NAME, ReconcileJob::NAME, ImportJob::NAME];
    jobs.extend(&more.names);
    let mut tables = vec!["stockprice", "stockprice_ma", "company"];
    for domain in DOMAINS {
        jobs.extend(domain.jobs);
        sources.extend(domain.sources);
        tables.extend(domain.tables);
    }
    let countries: Vec<&str> = Market::ALL.iter().map(|market| market.country()).collect();
    let alert_events: Vec<&str> = Event::ALL.iter().map(|event| event.as_str()).collect();
    let labels = Labels {
        jobs: &jobs,
        triggers: &triggers,
        states: &finals,
        task_states: &[TaskState::Succeeded.as_str(), TaskState::Failed.as_str()],
        tick_outcomes: &outcomes,
        sources: &sources,
        source_outcomes: &OUTCOMES,
        tables: &tables,
        countries: &countries,
        alert_events: &alert_events,
    };
    Metrics::new(&labels).context("declare the metrics")
}

/// Builds the jobs and their executor. `role` is `daemon` or `cli`.
///
/// # Errors
/// When a source's client or a schedule cannot be made from the configuration.
pub fn assemble(
    config: &Config,
    more: &MoreJobs,
    database: Database,
    metrics: &Arc<Metrics>,
    clock: &Clock,
    role: &'static str,
) -> anyhow::Result<Assembly> {
    let gate: Arc<dyn Gate> = Arc::new(DatabaseGate::new(database.clone()));
    let parts = JobParts {
        database: database.clone(),
        gate,
        archive: Archive::new(config.archive, Arc::clone(metrics)),
        catalogue: Catalogue::default(),
        metrics: Arc::clone(metrics),
        clock: clock.clone(),
    };
    let registry = Registry::default();
    for registered in configured(config, &parts)? {
        registry.put(registered);
    }
    for (job, settings) in (more.build)(&parts)? {
        registry.put(registered(job, settings)?);
    }
    let executor = Executor::new(ExecutorParts {
        database: database.clone(),
        registry: registry.clone(),
        metrics: Arc::clone(metrics),
        clock: clock.clone(),
        role,
        instance: instance(&config.server),
    });
    let planner = Planner::new(PlannerParts {
        database: database.clone(),
        registry: registry.clone(),
        executor: executor.clone(),
        metrics: Arc::clone(metrics),
        clock: clock.clone(),
    });
    let triggers = Triggers::new(database.clone(), registry.clone(), executor.clone());
    let rescuer = Rescuer { database: database.control(), executor: executor.clone(), metrics: Arc::clone(metrics) };
    let backfills = Backfills::new(database.clone(), registry.clone(), clock.clone());
    let backfiller = Backfiller {
        database,
        registry: registry.clone(),
        executor: executor.clone(),
        metrics: Arc::clone(metrics),
        backfills: backfills.clone(),
    };
    Ok(Assembly { parts, registry, executor, triggers, planner, rescuer, backfills, backfiller })
}

/// The jobs of the built-in domains with their configuration: one paragraph for each.
///
/// # Errors
/// When a source's client or a schedule cannot be made from the configuration.
pub fn configured(config: &Config, parts: &JobParts) -> anyhow::Result<Vec<Registered>> {
    let calendars = Arc::new(CalendarsOfRuns::new(parts.database.clone()));
    let exchange =
        calendar_source(&config.stock, parts)?.map(|source| ExchangeCalendar::new(parts.database.clone(), source));
    let stock = StockJob::new(StockJobParts {
        database: parts.database.clone(),
        sources: sources(&config.stock, &config.stock.job.sources, parts)?,
        settings: config.stock.job.clone(),
        delays: delays(&config.stock),
        calendars: Arc::clone(&calendars),
        exchange: exchange.clone(),
        metrics: Arc::clone(&parts.metrics),
    });
    let replay = ReplayJob::new(ReplayJobParts {
        database: parts.database.clone(),
        sources: replayed(&config.stock, parts)?,
        ma_spans: config.stock.job.ma_spans.clone(),
        calendars: Arc::clone(&calendars),
        metrics: Arc::clone(&parts.metrics),
    });
    let settings = config.stock.reconcile.clone();
    let seconds = sources(&config.stock, &settings.sources, parts)?;
    let reconcile = ReconcileJob::new(parts.database.clone(), seconds, settings.clone(), Arc::clone(&calendars));
    let import = ImportJob::new(ImportJobParts {
        database: parts.database.clone(),
        ma_spans: config.stock.job.ma_spans.clone(),
        calendars: Arc::clone(&calendars),
        metrics: Arc::clone(&parts.metrics),
    });
    let mut entries = catalogue(&config.stock);
    entries.extend(DOMAINS.iter().flat_map(|domain| (domain.catalogue)(config)));
    parts.catalogue.set(entries);
    let mut jobs = vec![
        registered(Arc::new(stock), config.stock.job.common.clone())?,
        registered(Arc::new(replay), config.stock.replay.clone())?,
        registered(Arc::new(reconcile), settings.common)?,
        registered(Arc::new(import), config.stock.import.clone())?,
    ];
    if let (Some(source), Some(exchange)) = (master_source(&config.stock, parts)?, exchange) {
        let (database, metrics) = (parts.database.clone(), Arc::clone(&parts.metrics));
        let company = CompanyJob::new(CompanyJobParts { database, source, exchange, metrics });
        jobs.push(registered(Arc::new(company), config.stock.company_job.clone())?);
    }
    for domain in DOMAINS {
        for (job, settings) in (domain.build)(config, parts)? {
            jobs.push(registered(job, settings)?);
        }
    }
    Ok(jobs)
}
