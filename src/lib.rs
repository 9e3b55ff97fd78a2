//! One daemon that keeps an analysis database true.
//!
//! The path of the data, and where each step lives:
//!
//! ```text
//! clock → tick → run → task ─→ source → bars (checked, one basis) → store → indicators → api → pages
//!         └ scheduler ┘└ jobs ┘└──────────────────────── stock ────────────────────────────┘
//! ```

pub mod clock;
pub mod crawl;
pub mod db;
pub mod jobs;
pub mod metrics;
pub mod settings;
pub mod stock;
