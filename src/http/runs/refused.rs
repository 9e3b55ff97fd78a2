//! Why a run is not made, as a problem.

use crate::{
    http::{jobs::unknown_job, problem::Problem},
    jobs::{JobError, TriggerError},
};

/// The problem of a refused trigger.
pub fn refused(error: TriggerError) -> Problem {
    let message = error.to_string();
    match error {
        TriggerError::UnknownJob(job) => unknown_job(&job),
        TriggerError::UnknownRun(id) => super::unknown_run(&id),
        TriggerError::Params(problems) => {
            Problem::unprocessable(problems.into_iter().map(|p| (p.param.to_owned(), p.message)).collect())
        }
        TriggerError::Overlap(id) => Problem::conflict(message, Some(super::path(&id))),
        TriggerError::KeyReused => Problem::unprocessable(vec![("Idempotency-Key".to_owned(), message)]),
        TriggerError::NothingToRetry(id) | TriggerError::NotFinished(id) => {
            Problem::conflict(message, Some(super::path(&id)))
        }
        TriggerError::Job(JobError::Refused(reason)) => Problem::conflict(reason, None),
        TriggerError::Job(JobError::Database(error)) | TriggerError::Database(error) => error.into(),
    }
}
