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
mod gaps;
mod gate;
mod http;
mod outage;
mod pipeline;
mod planner;
mod reconcile;
mod reload;
mod replicas;
mod run_logs;
mod schedules;
mod stock_api;
mod storage;
mod store;
mod support;
mod world;
