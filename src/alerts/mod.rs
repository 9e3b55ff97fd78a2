//! Alerts out: webhooks on runs that fail, end partially, get lost or come late, on their recovery, and on conditions
//! that a domain measures, such as data that are stale.
//!
//! What happened is read from the tables of runs and ticks, not heard from the executor: a process that dies between a
//! run's end and its alert loses nothing, and every replica may look. Each hook is looked for on its own, under the
//! lock of its row, so that each thing that happened is recorded once; sending it is claimed with a lease, so that it
//! arrives at least once. Knows no domain, decides nothing about runs, and reads no answer's body.

mod condition;
mod deliver;
mod hook;
mod incident;
mod lateness;
mod look;
mod lookout;
mod payload;
mod record;
mod recover;
mod sentence;
pub mod settings;
mod store;
mod webhook;

use crate::db::Area;

pub use hook::{Alerts, Hooks};
pub use lookout::run_alerts;
pub use settings::Event;

/// Its tables.
pub const AREA: Area = Area {
    title: "Alerts",
    about: "What people are told of, and what has been told already.",
    tables: &["alert_hook", "alert_incident", "alert"],
};
