//! A tick: one due instant of a schedule. Every one leaves a record.

use chrono::{DateTime, Utc};

use super::run::{RunId, words};

words!(
    /// What became of a tick.
    TickOutcome {
        /// It caused a run.
        Fired = "fired",
        /// A later tick stands for it.
        Coalesced = "coalesced",
        /// A run of the job was still active.
        SkippedOverlap = "skipped_overlap",
        SkippedPaused = "skipped_paused",
        /// It was due while no daemon ran, and the misfire policy let it go.
        Missed = "missed",
    }
);

/// A tick as stored.
#[derive(Clone, Debug)]
pub struct Tick {
    pub scheduled_for: DateTime<Utc>,
    pub outcome: TickOutcome,
    pub run_id: Option<RunId>,
    pub lateness_ms: i64,
}
