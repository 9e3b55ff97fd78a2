//! A refusal as the failure of a task.

use std::time::Duration;

use anyhow::anyhow;

use super::answer::{Prospect, Refusal};
use crate::jobs::TaskError;

/// A wait longer than this is not worth holding a run for: a quota or a source that is down may be over by then.
pub const LONGEST_WAIT: Duration = Duration::from_mins(16);

/// What a refusal means for the task that needed the answer of this source.
#[must_use]
pub fn task_error(source: &str, refusal: &Refusal) -> TaskError {
    if *refusal == Refusal::Cancelled {
        return TaskError::Cancelled;
    }
    let error = anyhow!("{source}: {refusal}");
    match refusal.prospect() {
        Prospect::Passing(after) if after.is_none_or(|after| after <= LONGEST_WAIT) => {
            TaskError::Retry { after, error }
        }
        Prospect::Passing(_) | Prospect::Lasting => TaskError::Fatal(error),
    }
}
