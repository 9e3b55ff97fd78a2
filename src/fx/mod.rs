//! The second domain: the euro foreign exchange reference rates of the European Central Bank, in the order they flow.

pub mod api;
pub mod calendar;
pub mod checks;
pub mod ecb;
pub mod jobs;
pub mod rate;
pub mod settings;
pub mod store;

use crate::db::Area;

/// The names of its jobs, sources and tables.
pub const JOBS: &[&str] = &[jobs::FxJob::NAME];
pub const SOURCES: &[&str] = &[ecb::NAME];
pub const TABLES: &[&str] = &[jobs::FxJob::TABLE];

/// Its tables.
pub const AREA: Area = Area {
    title: "Exchange rates",
    about: "The euro's reference rates of the European Central Bank.",
    tables: &["fx_rate", "fx_series", "fx_revision"],
};
