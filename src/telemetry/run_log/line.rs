//! Making lines.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Map;
use tracing::{Event, Level};

use super::{RunLine, visit::Bounded};

impl RunLine {
    /// The line of an event.
    pub(super) fn of(run: Arc<str>, task: Option<Arc<str>>, at: DateTime<Utc>, event: &Event<'_>) -> Self {
        let metadata = event.metadata();
        let mut said = Bounded::default();
        event.record(&mut said);
        let target = crate::telemetry::short(metadata.target());
        let level = *metadata.level();
        Self { run, at, level, target, task, message: said.message, fields: said.fields, dropped: 0 }
    }

    /// A line about the log itself.
    #[must_use]
    pub fn note(run: Arc<str>, at: DateTime<Utc>, message: String) -> Self {
        let target = "jobs::run_logs";
        Self { run, at, level: Level::WARN, target, task: None, message, fields: Map::new(), dropped: 0 }
    }

    /// Says that lines before this one had to be dropped.
    #[must_use]
    pub fn dropped(run: Arc<str>, at: DateTime<Utc>, lines: u64) -> Self {
        let were = if lines == 1 { "line was" } else { "lines were" };
        Self { dropped: lines, ..Self::note(run, at, format!("{lines} {were} dropped")) }
    }

    /// How many lines are lost with this one.
    #[must_use]
    pub fn stands_for(&self) -> u64 {
        self.dropped.max(1)
    }
}
