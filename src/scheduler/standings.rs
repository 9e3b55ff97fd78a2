//! How the jobs stand, told to the metrics: over all replicas, and by the schedules that count.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use chrono::{DateTime, Utc};

use super::timetable::{self, lock};
use crate::{
    db::{Connection, DbError},
    jobs::{
        Registry,
        store::{self, JobSchedule},
    },
    metrics::{JobStanding, Metrics},
};

/// Measures the jobs, and remembers the longest gap of each schedule: finding it takes some milliseconds.
#[derive(Default)]
pub struct Standings {
    intervals: Mutex<HashMap<&'static str, (JobSchedule, Option<Duration>)>>,
}

impl Standings {
    /// Tells how each job of this daemon stands, and whether the database says so.
    ///
    /// # Errors
    /// What the database says.
    pub async fn measure(
        &self,
        connection: &impl Connection,
        registry: &Registry,
        metrics: &Metrics,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let standings = store::standings(connection).await;
        metrics.database_reachable(standings.is_ok());
        if standings.is_err() {
            registry.all().iter().for_each(|registered| metrics.job_standing_unknown(registered.name()));
        }
        let standings = standings?;
        for registered in registry.all() {
            let name = registered.name();
            // One that was never planned has no row yet.
            let found = standings.iter().find(|standing| standing.state.job == name);
            let schedule = found.map_or(&registered.schedule, |found| &found.state.schedule);
            let standing = JobStanding {
                last_success_at: found.and_then(|found| found.state.last_success_at),
                interval: self.interval(name, schedule, now).await,
                timeout: registered.settings.timeout,
                running_since: found.and_then(|found| found.running_since),
                queued: found.map_or(0, |found| found.queued),
                due_since: found.and_then(|found| found.due_since),
                recent_takeovers: found.map_or(0, |found| found.recent_takeovers),
                last_partial_at: found.and_then(|found| found.last_partial_at),
            };
            metrics.job_standing(name, &standing);
        }
        Ok(())
    }

    async fn interval(&self, job: &'static str, identity: &JobSchedule, now: DateTime<Utc>) -> Option<Duration> {
        if let Some((of, interval)) = lock(&self.intervals).get(job)
            && of == identity
        {
            return *interval;
        }
        let schedule = timetable::read(job, identity);
        let found = tokio::task::spawn_blocking(move || schedule?.longest_gap(now)).await.ok().flatten();
        let interval = found.and_then(|gap| gap.to_std().ok());
        lock(&self.intervals).insert(job, (identity.clone(), interval));
        interval
    }
}
