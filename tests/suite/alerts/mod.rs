//! Alerts: what is told, once, to whom, and how it gets there.

mod delivery;
mod events;
mod form;
mod lateness;
mod quiet;
mod replicas;
pub mod world;
