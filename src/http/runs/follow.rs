//! What changed about a run since the last look. By asking the database, so that a run which another replica
//! executes is followed like one of our own.

use std::collections::HashMap;

use crate::{
    db::{Connection, DbError},
    jobs::{
        Place, RowCounts, Run, RunId, RunState, Task, TaskState,
        store::{find_run, list_tasks},
    },
};

/// Tasks read at once.
const PAGE: u32 = 500;

#[derive(Debug)]
pub enum Change {
    State(Run),
    Progress(Run),
    Task(Task),
}

/// Remembers what has been told.
pub struct Follow {
    id: RunId,
    state: Option<RunState>,
    counts: Option<(u32, u32, u32, RowCounts)>,
    /// Tasks beyond the settled ones, by key, with state and attempts as told.
    tasks: HashMap<String, (TaskState, u32)>,
    /// The tasks up to this one, in the order of planning, have ended and need no further look.
    settled: Option<Place>,
}

impl Follow {
    pub fn new(id: RunId) -> Self {
        Self { id, state: None, counts: None, tasks: HashMap::new(), settled: None }
    }

    /// The changes since the last look, and whether it was the last one. The first look tells everything there is;
    /// the final state comes last.
    ///
    /// # Errors
    /// What the database says; the next look makes up for it.
    pub async fn look(&mut self, connection: &impl Connection) -> Result<(Vec<Change>, bool), DbError> {
        let Some(run) = find_run(connection, &self.id).await? else { return Ok((Vec::new(), true)) };
        let counts = (run.total, run.done, run.failed, run.rows);
        let new_state = self.state != Some(run.state);
        let new_counts = self.counts != Some(counts);
        let mut changes = self.tasks(connection, new_state || new_counts).await?;
        // Remembered only after every question was answered: a failed look is told by the next one.
        (self.state, self.counts) = (Some(run.state), Some(counts));
        let ended = run.state.is_final();
        if new_counts {
            changes.push(Change::Progress(run.clone()));
        }
        if new_state {
            let at = if ended { changes.len() } else { 0 };
            changes.insert(at, Change::State(run));
        }
        Ok((changes, ended))
    }

    /// The running tasks at every look, all of them when something ended.
    async fn tasks(&mut self, connection: &impl Connection, all: bool) -> Result<Vec<Change>, DbError> {
        let running = list_tasks(connection, &self.id, Some(TaskState::Running), None, PAGE).await?;
        let known = self.tasks.iter().filter(|(_, (state, _))| *state == TaskState::Running);
        let vanished = known.into_iter().any(|(key, _)| !running.iter().any(|task| task.key == *key));
        if all || vanished {
            return self.all_tasks(connection).await;
        }
        Ok(running.into_iter().filter_map(|task| self.told(task)).collect())
    }

    async fn all_tasks(&mut self, connection: &impl Connection) -> Result<Vec<Change>, DbError> {
        let mut found: Vec<Task> = Vec::new();
        loop {
            let after = found.last().map(Task::place).or_else(|| self.settled.clone());
            let page = list_tasks(connection, &self.id, None, after.as_ref(), PAGE).await?;
            let last = page.len() < PAGE as usize;
            found.extend(page);
            if last {
                break;
            }
        }
        let mut changes = Vec::new();
        let mut leading = true;
        for task in found {
            leading &= matches!(task.state, TaskState::Succeeded | TaskState::Failed | TaskState::Cancelled);
            let settled = leading.then(|| task.place());
            changes.extend(self.told(task));
            if let Some(place) = settled {
                self.tasks.remove(&place.key);
                self.settled = Some(place);
            }
        }
        Ok(changes)
    }

    /// The change, when it is one: a task that has not begun is none.
    fn told(&mut self, task: Task) -> Option<Change> {
        let now = (task.state, task.attempts);
        let before = self.tasks.insert(task.key.clone(), now).unwrap_or((TaskState::Pending, 0));
        (before != now).then_some(Change::Task(task))
    }
}
