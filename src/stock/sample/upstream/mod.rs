//! A server on a loopback port that speaks the formats of the real sources, for the demo and for tests.
//!
//! Each source is mounted under its own name, so a source's `base_url` is `http://127.0.0.1:PORT/yahoo`.
//! It keeps a log of requests, misbehaves on demand, and shows the market as of any day.
//! It is no model of the sources' limits: it does not pace, and only J-Quants asks for a key.

mod chart;
mod fault;
mod hours;
mod jquants;
mod kabutan;
mod page;
mod plan;
mod server;
mod state;
mod stooq;
mod yahoo;

#[cfg(test)]
mod tests;

pub use chart::single_precision;
pub use fault::{Fault, FaultKind};
pub use jquants::{FREE_KEY as JQUANTS_FREE_KEY, KEY as JQUANTS_KEY};
pub use plan::{FaultPlan, When};
pub use server::Upstream;
pub use state::RequestRecord;
