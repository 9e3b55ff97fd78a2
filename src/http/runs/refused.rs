//! Why a run is not made, as a problem.

use crate::{
    http::{
        jobs::{body::named, unknown_job},
        problem::Problem,
    },
    jobs::{JobError, TriggerError},
    told::Told,
};

/// The problem of a refused trigger.
pub fn refused(error: TriggerError) -> Problem {
    let message = Told::from(&error);
    match error {
        TriggerError::UnknownJob(job) => unknown_job(&job),
        TriggerError::UnknownRun(id) => super::unknown_run(&id),
        TriggerError::Params(problems) => Problem::unprocessable(named(problems)),
        TriggerError::Overlap(id) => Problem::conflict(message, Some(super::path(&id))),
        TriggerError::KeyReused => Problem::unprocessable(vec![("Idempotency-Key".to_owned(), message)]),
        TriggerError::NothingToRetry(id) | TriggerError::NotFinished(id) => {
            Problem::conflict(message, Some(super::path(&id)))
        }
        TriggerError::Job(JobError::Refused(reason)) => Problem::conflict(reason, None),
        TriggerError::Job(JobError::Database(error)) | TriggerError::Database(error) => error.into(),
    }
}
