//! The log of each run: the lines that `telemetry` takes from the runs of this process, kept with the run.
//!
//! A log is for reading after the fact: runs never wait for it, and what cannot be kept is counted and told.

mod bounds;
mod waiting;
mod writer;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::run::words;

pub use bounds::bounded;
pub use writer::write_run_logs;

words!(
    /// How grave a line is; the gravest first. What is below `info` is not kept.
    LogLevel {
        Error = "error",
        Warn = "warn",
        Info = "info",
    }
);

impl LogLevel {
    /// This level and the graver ones.
    #[must_use]
    pub fn and_above(self) -> &'static [Self] {
        let levels = Self::ALL.iter().position(|level| *level == self).map_or(0, |at| at + 1);
        Self::ALL.get(..levels).unwrap_or_default()
    }
}

impl From<tracing::Level> for LogLevel {
    fn from(level: tracing::Level) -> Self {
        match level {
            tracing::Level::ERROR => Self::Error,
            tracing::Level::WARN => Self::Warn,
            _ => Self::Info,
        }
    }
}

/// A line as it is kept.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// The order within the run, from 1.
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub level: LogLevel,
    /// The module that said it.
    pub target: String,
    /// The task it was said in; none: the run as a whole.
    pub task: Option<String>,
    pub message: String,
    pub fields: Map<String, Value>,
}
