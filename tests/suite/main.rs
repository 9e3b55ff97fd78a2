//! The integration tests, one binary.
#![cfg(test)]

mod architecture;
mod backfill;
mod daemon;
mod executor;
mod fake;
mod gate;
mod http;
mod outage;
mod pipeline;
mod planner;
mod stock_api;
mod store;
mod support;
mod world;
