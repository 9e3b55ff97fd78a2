//! Which schedule counts: the one that was announced last.
//!
//! A daemon announces the schedule of its configuration once, when it starts or its configuration changes. After that
//! it follows the job's row, so that replicas with different configurations, as there are during a rollout, plan by one
//! schedule and none undoes what another announced.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::schedule::Schedule;
use crate::{
    db::{Connection, DbError},
    jobs::{
        Registered,
        store::{self, JobSchedule, JobState},
    },
};

/// The schedules of all jobs as this daemon knows them.
#[derive(Default)]
pub struct Timetable {
    /// What this daemon announced last, by job.
    announced: Mutex<HashMap<&'static str, JobSchedule>>,
    /// What was in force at the last look, by job.
    followed: Mutex<HashMap<&'static str, JobSchedule>>,
    /// The schedule in force, read already.
    parsed: Mutex<HashMap<&'static str, (JobSchedule, Option<Schedule>)>>,
}

impl Timetable {
    /// Announces a job's schedule where it has no row yet, or another one than this daemon is configured with and has
    /// not announced. True when something was written.
    ///
    /// # Errors
    /// What the database says.
    pub async fn announce(
        &self,
        connection: &impl Connection,
        registered: &Registered,
        state: Option<&JobState>,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let (job, ours) = (registered.name(), &registered.schedule);
        let Some(state) = state else {
            store::ensure_job(connection, job, ours, now).await?;
            return Ok(true);
        };
        let known = lock(&self.announced).get(job) == Some(ours);
        if known {
            self.tell_followed(job, ours, &state.schedule);
            return Ok(false);
        }
        let differs = state.schedule != *ours;
        if differs {
            // When another daemon is faster, the next look sees what it announced, and comes back here.
            if !store::set_schedule(connection, state, ours, now).await? {
                return Ok(true);
            }
            let (schedule, zone) = (&ours.expression, &ours.timezone);
            tracing::info!(job, schedule, zone, "the schedule is a new one: its ticks count from now on");
        }
        lock(&self.announced).insert(job, ours.clone());
        Ok(differs)
    }

    /// Says once that a schedule counts here which stands in no configuration of this daemon.
    fn tell_followed(&self, job: &'static str, ours: &JobSchedule, in_force: &JobSchedule) {
        let before = lock(&self.followed).insert(job, in_force.clone());
        if in_force != ours && before.as_ref() != Some(in_force) {
            let JobSchedule { expression, timezone, .. } = in_force;
            tracing::warn!(
                job,
                schedule = expression,
                zone = timezone,
                "another daemon announced the schedule that counts"
            );
        }
    }

    /// The schedule of a job's row; none when it is disabled, or was written by a daemon that reads more than this one.
    pub fn schedule(&self, job: &'static str, identity: &JobSchedule) -> Option<Schedule> {
        let mut parsed = lock(&self.parsed);
        if let Some((known, schedule)) = parsed.get(job)
            && known == identity
        {
            return schedule.clone();
        }
        let schedule = read(job, identity);
        parsed.insert(job, (identity.clone(), schedule.clone()));
        schedule
    }
}

/// The schedule that stands in a job's row; none as in [`Timetable::schedule`].
pub(super) fn read(job: &str, identity: &JobSchedule) -> Option<Schedule> {
    if identity.expression == JobSchedule::DISABLED {
        return None;
    }
    let zone = identity.timezone.parse().ok()?;
    match Schedule::parse(&identity.expression, zone) {
        Ok(schedule) => Some(schedule.with_offset(TimeDelta::milliseconds(identity.offset_ms))),
        Err(error) => {
            tracing::error!(job, %error, "the announced schedule cannot be read: the job has no ticks here");
            None
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
