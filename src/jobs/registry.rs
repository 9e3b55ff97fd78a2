//! The jobs of this daemon, by name. A new configuration replaces a job's registration while the daemon runs; runs
//! under way keep the one they began with.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, Utc};

use super::{
    job::Job,
    run::Run,
    settings::{JobSettings, Overlap},
    store::JobSchedule,
};
use crate::db::DbError;

/// The next ticks after an instant, at most so many.
pub type Upcoming = Arc<dyn Fn(DateTime<Utc>, usize) -> Vec<DateTime<Utc>> + Send + Sync>;

/// A job with its configuration.
#[derive(Clone)]
pub struct Registered {
    pub job: Arc<dyn Job>,
    pub settings: JobSettings,
    /// What the job's ticks follow from; [`JobSchedule::DISABLED`] while it is disabled.
    pub schedule: JobSchedule,
    pub upcoming: Upcoming,
    /// The schedule as a sentence.
    pub in_words: String,
}

/// Every job, in the order of names. All clones are one registry.
#[derive(Clone, Default)]
pub struct Registry(Arc<RwLock<BTreeMap<&'static str, Arc<Registered>>>>);

impl Registry {
    /// Adds a job under its own name, or replaces it.
    pub fn put(&self, registered: Registered) {
        let name = registered.job.name();
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(name, Arc::new(registered));
    }

    #[must_use]
    pub fn find(&self, name: &str) -> Option<Arc<Registered>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Where the rows are that a run rejected and kept, as a path; none when it kept none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rejected_at(&self, run: &Run) -> Result<Option<String>, DbError> {
        match self.find(&run.job).filter(|_| run.rows.rejected > 0) {
            Some(registered) => registered.job.rejected_at(&run.id).await,
            None => Ok(None),
        }
    }

    /// Every job as it is configured now.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Registered>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

impl Registered {
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.job.name()
    }

    /// Whether one run of the job goes on at a time.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        self.settings.overlap != Overlap::Allow
    }
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered")
            .field("job", &self.name())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
