//! From due ticks to runs. Every replica plans; the database lets each tick cause one run.
//!
//! All jobs due at one instant are planned in one transaction, so that a thousand of them start within the same
//! second. Between two looks at the database the planner remembers what is due when; what it remembers only says
//! when to look: under the lock the jobs are read anew.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{batch, timetable::Timetable};
use crate::{
    clock::Clock,
    db::{Database, DbError},
    jobs::{
        Executor, Registered, Registry,
        store::{self, JobState},
    },
    metrics::Metrics,
};

/// Jobs planned in one transaction: the first ones start while the next are planned.
const TOGETHER: usize = 250;
/// How old the knowledge of the jobs may get.
const FRESH: TimeDelta = TimeDelta::milliseconds(900);

/// What a planner is made of.
#[derive(Clone)]
pub struct PlannerParts {
    pub database: Database,
    pub registry: Registry,
    pub executor: Executor,
    pub metrics: Arc<Metrics>,
    pub clock: Clock,
}

/// Plans the ticks of all jobs.
#[derive(Clone)]
pub struct Planner {
    pub(super) parts: PlannerParts,
    pub(super) timetable: Arc<Timetable>,
    known: Arc<Mutex<Known>>,
}

/// What is due when, as far as is known.
#[derive(Default)]
struct Known {
    /// When the jobs were read; none: they are to be read.
    read_at: Option<DateTime<Utc>>,
    next: HashMap<&'static str, DateTime<Utc>>,
}

impl Planner {
    #[must_use]
    pub fn new(parts: PlannerParts) -> Self {
        let parts = PlannerParts { database: parts.database.control(), ..parts };
        Self { parts, timetable: Arc::default(), known: Arc::default() }
    }

    /// Works off all due ticks of all jobs. Gives the instant of the next one.
    ///
    /// # Errors
    /// What the database says; the jobs planned before it stay planned.
    pub async fn plan(&self) -> Result<Option<DateTime<Utc>>, DbError> {
        // What is known to be due goes first: reading all jobs would only make it late.
        self.work_off().await?;
        if !self.is_fresh() {
            self.read().await?;
            self.work_off().await?;
        }
        Ok(self.known().next.values().min().copied())
    }

    /// True when the database answers others, and not the planner.
    pub(super) async fn is_cut_off(&self) -> bool {
        self.parts.database.is_cut_off().await
    }

    fn is_fresh(&self) -> bool {
        let age = self.known().read_at.map(|at| self.parts.clock.now() - at);
        age.is_some_and(|age| (TimeDelta::zero()..FRESH).contains(&age))
    }

    /// Reads all jobs, and announces the schedules of new configurations.
    async fn read(&self) -> Result<(), DbError> {
        let now = self.parts.clock.now();
        let connection = self.parts.database.connection();
        let mut states = store::list_jobs(connection).await?;
        let registered = self.parts.registry.all();
        let mut announced = false;
        for job in &registered {
            let state = states.iter().find(|state| state.job == job.name());
            announced |= self.timetable.announce(connection, job, state, now).await?;
        }
        if announced {
            states = store::list_jobs(connection).await?;
        }
        for job in &registered {
            match states.iter().find(|state| state.job == job.name()) {
                Some(state) => self.learn(job, state),
                None => self.forget(job.name()),
            }
        }
        self.known().read_at = Some(now);
        Ok(())
    }

    /// Works off what is known to be due, in the order of names: then no two planners lock rows in a circle.
    async fn work_off(&self) -> Result<(), DbError> {
        let now = self.parts.clock.now();
        let mut due: Vec<Arc<Registered>> = {
            let known = self.known();
            let due = known.next.iter().filter(|(_, at)| **at <= now).map(|(job, _)| *job);
            due.filter_map(|job| self.parts.registry.find(job)).collect()
        };
        due.sort_by_key(|job| job.name());
        for jobs in due.chunks(TOGETHER) {
            for (job, state) in jobs.iter().zip(batch::plan(self, jobs).await?) {
                match state {
                    Some(state) => self.learn(job, &state),
                    None => self.forget(job.name()),
                }
            }
        }
        Ok(())
    }

    /// Remembers a job's next tick.
    fn learn(&self, job: &Registered, state: &JobState) {
        let name = job.name();
        self.parts.metrics.paused(name, state.paused);
        let next = self.timetable.schedule(name, &state.schedule).and_then(|s| s.next_after(state.cursor));
        self.parts.metrics.next_run(name, next);
        let mut known = self.known();
        match next {
            Some(next) => known.next.insert(name, next),
            None => known.next.remove(name),
        };
    }

    fn forget(&self, job: &'static str) {
        self.parts.metrics.next_run(job, None);
        self.known().next.remove(job);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
