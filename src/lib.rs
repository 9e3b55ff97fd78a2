//! One daemon that keeps an analysis database true.
//!
//! The path of the data, and where each step lives:
//!
//! ```text
//! clock → tick → run → task ─→ source → bars (checked, one basis) → store → indicators → api → pages
//!         └ scheduler ┘└ jobs ┘└──────────────────────── stock ────────────────────────────┘
//! ```
//!
//! `main → cli → app` composes; `scheduler`, `jobs`, `crawl`, `audit` and `http` are the frame and know no domain; `stock` is
//! the first domain, `fx` the second. Who may use whom is held by `tests/suite/architecture.rs`.

pub mod alerts;
pub mod app;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crawl;
pub mod data_model;
pub mod db;
pub mod fx;
pub mod http;
pub mod jobs;
pub mod metrics;
mod outbound;
pub mod scheduler;
pub mod settings;
pub mod stock;
pub mod telemetry;
pub mod told;
