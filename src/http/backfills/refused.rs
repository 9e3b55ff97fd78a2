//! Why a backfill is not made or moved, as a problem.

use super::path;
use crate::{
    http::{
        jobs::{body::named, unknown_job},
        problem::Problem,
    },
    jobs::{BackfillError, JobError},
    told::Told,
};

/// The problem of a refused request.
pub fn refused(error: BackfillError) -> Problem {
    let message = Told::from(&error);
    match error {
        BackfillError::UnknownJob(job) => unknown_job(&job),
        BackfillError::Unknown(_) => Problem::not_found(message),
        BackfillError::Params(problems) => Problem::unprocessable(named(problems)),
        BackfillError::KeyReused => Problem::unprocessable(vec![("Idempotency-Key".to_owned(), message)]),
        BackfillError::State(id, _) | BackfillError::NothingToRetry(id) => Problem::conflict(message, Some(path(&id))),
        BackfillError::Job(JobError::Refused(reason)) => Problem::conflict(reason, None),
        BackfillError::Job(JobError::Database(error)) | BackfillError::Database(error) => error.into(),
    }
}
