//! The jobs of this daemon, by name.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};

use super::{job::Job, settings::JobSettings};

/// The next ticks after an instant, at most so many.
pub type Upcoming = Arc<dyn Fn(DateTime<Utc>, usize) -> Vec<DateTime<Utc>> + Send + Sync>;

/// A job with its configuration.
#[derive(Clone)]
pub struct Registered {
    pub job: Arc<dyn Job>,
    pub settings: JobSettings,
    pub upcoming: Upcoming,
}

/// Every job, in the order of names.
#[derive(Clone, Default)]
pub struct Registry(BTreeMap<&'static str, Registered>);

impl Registry {
    /// Adds a job under its own name.
    #[must_use]
    pub fn with(mut self, job: Arc<dyn Job>, settings: JobSettings, upcoming: Upcoming) -> Self {
        self.0.insert(job.name(), Registered { job, settings, upcoming });
        self
    }

    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Registered> {
        self.0.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Registered)> {
        self.0.iter().map(|(name, registered)| (*name, registered))
    }
}
