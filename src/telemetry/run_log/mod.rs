//! The lines of runs: every event at INFO and above inside a span named `run`, whatever the console shows, as a plain
//! value in a bounded channel. Nobody waits for the channel: what does not fit is counted and told in the next line
//! that does.
//!
//! Where the lines are kept is the matter of whoever takes them.

mod layer;
mod line;
mod visit;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tracing::{Level, Subscriber};
use tracing_subscriber::{
    Layer,
    filter::{FilterExt as _, LevelFilter, filter_fn},
    registry::LookupSpan,
};

use crate::{clock::Clock, telemetry::console::is_for_logs};

/// Lines between the runs and whoever takes them.
const CAPACITY: usize = 4096;
/// The span whose field `run` names the run.
const RUN: &str = "run";
/// The span within it whose field `key` names the task.
const TASK: &str = "task";
/// The span of whoever keeps the lines: what is said within it is no line of a run.
pub const KEEPER: &str = "run_log";

/// The lines of all runs of this process, in their order.
pub type RunLines = mpsc::Receiver<RunLine>;

/// One line of a run.
#[derive(Clone, Debug)]
pub struct RunLine {
    /// The run's id as its span has it.
    pub run: Arc<str>,
    pub at: DateTime<Utc>,
    pub level: Level,
    /// The module that said it, without the crate's name.
    pub target: &'static str,
    /// The key of the task it was said in.
    pub task: Option<Arc<str>>,
    /// At most 4 KiB, without control characters but for line ends and tabs.
    pub message: String,
    /// At most 4 KiB of text, as harmless as the message.
    pub fields: Map<String, Value>,
    /// So many lines had to be dropped, and this one says so; 0 for any other line.
    pub dropped: u64,
}

/// The layer that takes the lines, and the lines.
pub(super) fn layer<S>(clock: &Clock) -> (impl Layer<S> + Send + Sync + use<S>, RunLines)
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let (sender, lines) = mpsc::channel(CAPACITY);
    let layer = layer::RunLog { sender, clock: clock.clone() };
    // A filter of its own: a console at `warn` must not cost the runs their lines.
    (layer.with_filter(LevelFilter::INFO.and(filter_fn(is_for_logs).with_max_level_hint(LevelFilter::TRACE))), lines)
}

#[cfg(test)]
mod tests;
