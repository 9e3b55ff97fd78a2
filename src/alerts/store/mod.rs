//! What happened, what is known of it, and what has been told, in the database. Times are the database's.

mod deliveries;
mod hooks;
mod incidents;
mod observations;

pub use deliveries::{
    Claimed, NewAlert, delivered, forget, give_up, give_up_old, insert_alert, next_delivery, postpone,
};
pub use hooks::{HookState, lock_hook, meet_hook, observed};
pub use incidents::{find_incident, open_incidents, save_incident};
pub use observations::{
    LateTicks, MOST, ScheduledRun, ended_badly, late_ticks, scheduled_runs, successes_since, unfinished,
};
