//! What is remembered of each source in the database: its state, how often it answered in which way, its answers.

pub mod answers;
mod gate;
pub mod outcomes;
pub mod states;

pub use gate::DatabaseGate;
