//! The routes of the daemon over a database of its own, with a job that waits, fails and refuses as the test wishes.

mod access;
mod addresses;
mod audit;
mod busy;
mod clients;
mod compression;
mod connections;
mod cors;
mod events;
#[cfg(feature = "arrow")]
mod formats;
mod frame;
mod health;
mod job;
mod jobs;
mod logs;
mod pages;
mod refused;
mod runs;
mod serve;
mod served;
mod sources;
mod two;
pub mod world;

pub use world::{Options, Reply, World};
