//! The routes of the daemon over a database of its own, with a job that waits, fails and refuses as the test wishes.

mod access;
mod audit;
mod events;
mod frame;
mod health;
mod job;
mod jobs;
mod logs;
mod pages;
mod refused;
mod runs;
mod serve;
mod sources;
pub mod world;
