//! The integration tests, one binary.
#![cfg(test)]

mod alerts;
mod architecture;
mod archive;
mod audit_cli;
mod backfill;
mod companies;
mod connections;
mod daemon;
mod data_model;
mod examples;
mod exchange_calendar;
mod executor;
mod fake;
mod freshness;
mod fx;
mod gaps;
mod gate;
mod http;
mod imports;
mod jquants;
mod monitoring;
mod openapi;
mod operate;
mod outage;
mod partitions;
mod pipeline;
mod planner;
mod quarantine;
mod reconcile;
mod reload;
mod replay;
mod replicas;
mod run_logs;
mod schedules;
mod simulation;
mod stock_api;
mod storage;
mod store;
mod support;
mod takeover;
mod told;
mod toolchain;
#[cfg(feature = "otlp")]
mod traces;
mod world;
