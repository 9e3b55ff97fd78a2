//! Backfills on both databases, asked for over the routes.

mod driving;
mod failures;
mod job;
mod making;
pub mod replica;
mod states;
mod stock;
