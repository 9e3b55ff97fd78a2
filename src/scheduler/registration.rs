//! A job with its configuration, ready to be registered.

use std::sync::Arc;

use super::schedule::{Schedule, ScheduleError};
use crate::jobs::{
    Job, Registered,
    settings::{JobSettings, MANUALLY},
    store::JobSchedule,
};

/// Joins a job and its settings: what its ticks follow from, the next ones, and the schedule in words.
///
/// # Errors
/// When the schedule cannot be read, which the settings exclude.
pub fn registered(job: Arc<dyn Job>, settings: JobSettings) -> Result<Registered, ScheduleError> {
    if settings.schedule == MANUALLY {
        return Ok(manual(job, settings));
    }
    let schedule = Schedule::parse(&settings.schedule, settings.timezone)?.with_jitter(job.name(), settings.jitter);
    let expression = if settings.enabled { settings.schedule.clone() } else { JobSchedule::DISABLED.to_owned() };
    let identity = JobSchedule {
        expression,
        timezone: settings.timezone.name().to_owned(),
        offset_ms: schedule.offset().num_milliseconds(),
    };
    let in_words = schedule.in_words();
    let upcoming = Arc::new(move |after, count| schedule.upcoming(after, count));
    Ok(Registered { job, settings, schedule: identity, upcoming, in_words })
}

/// A job without ticks: only somebody who asks for it makes it run.
fn manual(job: Arc<dyn Job>, settings: JobSettings) -> Registered {
    let identity = JobSchedule {
        expression: JobSchedule::DISABLED.to_owned(),
        timezone: settings.timezone.name().to_owned(),
        offset_ms: 0,
    };
    let in_words = "Only when somebody asks for it".to_owned();
    Registered { job, settings, schedule: identity, upcoming: Arc::new(|_, _| Vec::new()), in_words }
}
