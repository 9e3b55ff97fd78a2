//! A run: one execution of a job, its states and its parameters.
//!
//! ```text
//! queued ─→ running ─→ succeeded | partial | failed | timed_out | lost
//!    │         └──→ cancelling ─→ cancelled
//!    └──→ cancelled          running ─→ queued (drained or taken over; finished tasks are kept)
//! ```

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{key::uuid_key, trace::RunTrace};

uuid_key!(
    /// The key of a run.
    RunId
);

/// An enum whose values are written as fixed words in tables, JSON and metrics.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words!(
    /// Where a run stands.
    RunState {
        Queued = "queued",
        Running = "running",
        /// Cancellation was asked for and has not ended the run yet.
        Cancelling = "cancelling",
        Succeeded = "succeeded",
        /// Some tasks failed after all attempts; what succeeded is stored.
        Partial = "partial",
        Failed = "failed",
        Cancelled = "cancelled",
        TimedOut = "timed_out",
        /// Its owner vanished too often.
        Lost = "lost",
    }
);

impl RunState {
    /// Final states never change again.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running | Self::Cancelling)
    }
}

words!(
    /// What caused a run.
    Trigger {
        Schedule = "schedule",
        /// A tick that was missed and is made up for.
        Misfire = "misfire",
        Manual = "manual",
        /// The failed tasks of an earlier run.
        Retry = "retry",
        Cli = "cli",
        /// A part of a backfill: waits behind every other run of its job.
        Backfill = "backfill",
    }
);

/// How much a run looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// What is missing or new.
    #[default]
    Incremental,
    /// The whole range, also what is stored already.
    Full,
    /// What is missing within what is there, piece by piece, and what is new. A job that knows no gaps does what is
    /// missing or new.
    Missing,
}

impl Mode {
    pub const ALL: [Self; 3] = [Self::Incremental, Self::Full, Self::Missing];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incremental => "incremental",
            Self::Full => "full",
            Self::Missing => "missing",
        }
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == word)
    }
}

/// What a run was asked to do. Empty `companies` means all.
///
/// `input` is what the run works on, in the words of its job: the key of something that was uploaded, the name of a
/// source. Most jobs take none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct RunParams {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub companies: Vec<String>,
    pub mode: Mode,
    pub dry_run: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
}

/// Rows by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct RowCounts {
    /// Rows that were given: those of the answers that were loaded, and every rejected one.
    pub fetched: u64,
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Rows that were given and not loaded, also those that were given and recorded before.
    pub rejected: u64,
}

impl std::ops::AddAssign for RowCounts {
    fn add_assign(&mut self, more: Self) {
        self.fetched += more.fetched;
        self.inserted += more.inserted;
        self.updated += more.updated;
        self.unchanged += more.unchanged;
        self.rejected += more.rejected;
    }
}

/// A run as stored.
#[derive(Clone, Debug)]
pub struct Run {
    pub id: RunId,
    pub job: String,
    pub state: RunState,
    pub trigger: Trigger,
    pub scheduled_for: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub attempt: u32,
    pub owner: Option<String>,
    pub params: RunParams,
    pub note: String,
    pub retry_of: Option<RunId>,
    /// Tasks at once; none: as the job is configured.
    pub parallel: Option<u32>,
    pub total: u32,
    pub done: u32,
    pub failed: u32,
    pub rows: RowCounts,
    pub error: Option<String>,
    pub trace: RunTrace,
}

impl Run {
    /// Seconds until the run ends if the rest goes as fast as what is done; none before there is anything to judge by.
    #[must_use]
    pub fn eta_seconds(&self, now: DateTime<Utc>) -> Option<u64> {
        let ended = self.done + self.failed;
        let started = self.started_at?;
        if self.state != RunState::Running || ended == 0 {
            return None;
        }
        let elapsed = (now - started).num_milliseconds().max(0) as f64 / 1000.0;
        let rest = f64::from(self.total.saturating_sub(ended));
        Some((elapsed / f64::from(ended) * rest).ceil() as u64)
    }
}
