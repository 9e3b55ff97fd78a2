//! The second domain: the euro foreign exchange reference rates of the European Central Bank, in the order they flow.

pub mod api;
pub mod calendar;
pub mod checks;
pub mod ecb;
pub mod jobs;
pub mod rate;
pub mod settings;
pub mod store;

/// The names of its jobs, sources and tables.
pub const JOBS: &[&str] = &[jobs::FxJob::NAME];
pub const SOURCES: &[&str] = &[ecb::NAME];
pub const TABLES: &[&str] = &[jobs::FxJob::TABLE];
