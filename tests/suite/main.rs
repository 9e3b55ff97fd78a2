//! The integration tests, one binary.
#![cfg(test)]

mod alerts;
mod architecture;
mod audit_cli;
mod backfill;
mod daemon;
mod executor;
mod fake;
mod freshness;
mod gate;
mod http;
mod imports;
mod outage;
mod pipeline;
mod planner;
mod reload;
mod replicas;
mod run_logs;
mod schedules;
mod stock_api;
mod storage;
mod store;
mod support;
mod world;
