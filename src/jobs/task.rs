//! A task: the part of a run for one key.

use chrono::{DateTime, Utc};

use super::{
    place::Place,
    run::{RowCounts, words},
};

words!(
    /// Where a task stands.
    TaskState {
        Pending = "pending",
        Running = "running",
        Succeeded = "succeeded",
        Failed = "failed",
        Cancelled = "cancelled",
    }
);

/// A task as stored.
#[derive(Clone, Debug)]
pub struct Task {
    /// In the order of planning.
    pub position: i32,
    pub key: String,
    pub state: TaskState,
    pub attempts: u32,
    pub source: Option<String>,
    pub rows: RowCounts,
    pub message: Option<String>,
    pub error: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl Task {
    /// Where it stands among the tasks of its run.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { position: self.position, key: self.key.clone() }
    }
}
