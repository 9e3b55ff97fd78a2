//! The configured sources as people look at them. What they are is the domains' knowledge; whoever composes the
//! program puts it in, and anew with each new configuration.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::settings::SourceSettings;

/// A configured source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceEntry {
    pub name: &'static str,
    pub enabled: bool,
    /// Of the base address.
    pub host: String,
    pub min_interval: Duration,
    /// Requests of a day, UTC; 0: no limit is known.
    pub daily_limit: u32,
    /// What a user of the data must know of its licence.
    pub licence_note: &'static str,
}

impl SourceEntry {
    #[must_use]
    pub fn new(name: &'static str, settings: &SourceSettings, licence_note: &'static str) -> Self {
        Self {
            name,
            enabled: settings.enabled,
            host: settings.base_url.host(),
            min_interval: settings.min_interval,
            daily_limit: settings.daily_limit,
            licence_note,
        }
    }
}

/// All of them, by name. Clones are the same catalogue.
#[derive(Clone, Debug, Default)]
pub struct Catalogue(Arc<RwLock<Vec<SourceEntry>>>);

impl Catalogue {
    /// Puts these in the place of all.
    pub fn set(&self, mut entries: Vec<SourceEntry>) {
        entries.sort_by_key(|entry| entry.name);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = entries;
    }

    #[must_use]
    pub fn all(&self) -> Vec<SourceEntry> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
