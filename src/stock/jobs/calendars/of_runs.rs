//! The calendars that the tasks of a run share.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OnceCell;

use crate::{
    db::{Database, DbError},
    jobs::RunId,
    stock::{calendar::Calendars, store::market_days},
};

/// Runs remembered: more are never performed by one process at the same time.
const RUNS: usize = 16;

type Slot = Arc<OnceCell<Calendars>>;

/// Reads the calendars once for each run: its tasks judge days by one state of them.
pub struct CalendarsOfRuns {
    database: Database,
    /// The newest last.
    known: Mutex<VecDeque<(RunId, Slot)>>,
}

impl CalendarsOfRuns {
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database, known: Mutex::default() }
    }

    /// # Errors
    /// What the database says.
    pub async fn of(&self, run: &RunId) -> Result<Calendars, DbError> {
        let slot = self.slot(run);
        slot.get_or_try_init(|| market_days::calendars(self.database.connection())).await.cloned()
    }

    fn slot(&self, run: &RunId) -> Slot {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, slot)) = known.iter().find(|(other, _)| other == run) {
            return Arc::clone(slot);
        }
        if known.len() == RUNS {
            known.pop_front();
        }
        let slot = Slot::default();
        known.push_back((run.clone(), Arc::clone(&slot)));
        slot
    }
}
