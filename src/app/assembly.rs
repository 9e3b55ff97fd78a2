//! Everything that runs jobs, built once from configuration and database.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context as _;

use super::sources::sources;
use crate::{
    clock::Clock,
    config::Config,
    crawl::{Gate, observer::OUTCOMES, store::DatabaseGate},
    db::Database,
    jobs::{Executor, ExecutorParts, Job, Registry, RunState, TaskState, TickOutcome, Trigger, Triggers},
    metrics::{Labels, Metrics},
    scheduler::{Planner, PlannerParts, Rescuer, Schedule},
    stock::{
        calendar::Market,
        jobs::{StockJob, StockJobParts},
        sources::SourceName,
    },
};

/// Jobs and what works them off.
pub struct Assembly {
    pub database: Database,
    pub registry: Registry,
    pub executor: Executor,
    pub triggers: Triggers,
    pub planner: Planner,
    pub rescuer: Rescuer,
}

/// The metrics of a process with this configuration, all at 0.
///
/// # Errors
/// When two series have one name.
pub fn metrics() -> anyhow::Result<Metrics> {
    let finals: Vec<&str> = RunState::ALL.iter().filter(|state| state.is_final()).map(|state| state.as_str()).collect();
    let triggers: Vec<&str> = Trigger::ALL.iter().map(|trigger| trigger.as_str()).collect();
    let outcomes: Vec<&str> = TickOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    let sources: Vec<&str> = SourceName::ALL.iter().map(|source| source.as_str()).collect();
    let countries: Vec<&str> = Market::ALL.iter().map(|market| market.country()).collect();
    let labels = Labels {
        jobs: &[StockJob::NAME],
        triggers: &triggers,
        states: &finals,
        task_states: &[TaskState::Succeeded.as_str(), TaskState::Failed.as_str()],
        tick_outcomes: &outcomes,
        sources: &sources,
        source_outcomes: &OUTCOMES,
        tables: &["stockprice", "stockprice_ma"],
        countries: &countries,
    };
    Metrics::new(&labels).context("declare the metrics")
}

/// Builds the jobs and their executor. `role` is `daemon` or `cli`.
///
/// # Errors
/// When a source's client or a schedule cannot be made from the configuration.
pub fn assemble(
    config: &Config,
    database: Database,
    metrics: &Arc<Metrics>,
    clock: &Clock,
    role: &'static str,
) -> anyhow::Result<Assembly> {
    let gate: Arc<dyn Gate> = Arc::new(DatabaseGate::new(database.clone()));
    let job = StockJob::new(StockJobParts {
        database: database.clone(),
        sources: sources(&config.stock, &gate, metrics)?,
        settings: config.stock.job.clone(),
        metrics: Arc::clone(metrics),
    });
    let mut schedules = BTreeMap::new();
    let registry = register(Registry::default(), &mut schedules, Arc::new(job), config)?;
    let executor = Executor::new(ExecutorParts {
        database: database.clone(),
        registry: registry.clone(),
        metrics: Arc::clone(metrics),
        clock: clock.clone(),
        role,
    });
    let planner = Planner::new(PlannerParts {
        database: database.clone(),
        registry: registry.clone(),
        schedules,
        executor: executor.clone(),
        metrics: Arc::clone(metrics),
        clock: clock.clone(),
    });
    let triggers = Triggers::new(database.clone(), registry.clone(), executor.clone());
    let rescuer = Rescuer { database: database.clone(), executor: executor.clone(), metrics: Arc::clone(metrics) };
    Ok(Assembly { database, registry, executor, triggers, planner, rescuer })
}

/// One line for each job.
fn register(
    registry: Registry,
    schedules: &mut BTreeMap<&'static str, Schedule>,
    job: Arc<dyn Job>,
    config: &Config,
) -> anyhow::Result<Registry> {
    let settings = config.stock.job.common.clone();
    let schedule = Schedule::parse(&settings.schedule, settings.timezone)?.with_jitter(job.name(), settings.jitter);
    schedules.insert(job.name(), schedule.clone());
    let upcoming = Arc::new(move |after, count| schedule.upcoming(after, count));
    Ok(registry.with(job, settings, upcoming))
}
