//! What became of one evening's run.

use chrono::NaiveDate;
use data_infrastructure::jobs::{Run, Task, TaskState};

pub struct Evening {
    pub day: NaiveDate,
    pub run: Run,
    pub tasks: Vec<Task>,
}

impl Evening {
    pub fn task(&self, code: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.key == code)
    }

    /// The tasks that failed, with their errors.
    pub fn failures(&self) -> Vec<(&str, &str)> {
        let failed = self.tasks.iter().filter(|task| task.state == TaskState::Failed);
        failed.map(|task| (task.key.as_str(), task.error.as_deref().unwrap_or_default())).collect()
    }
}
