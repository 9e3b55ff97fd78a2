//! What goes wrong, when, and the record of it.

mod apply;
mod errands;
mod plan;

use std::{fmt, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

pub use self::{apply::Tormentor, errands::Errands, plan::plan};
use crate::world::{Link, Trouble};

/// A kind of fault, as `--faults` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub enum Kind {
    /// SIGKILL and a new process.
    Kill,
    /// SIGSTOP and SIGCONT, for less or for more than a lease.
    Stop,
    /// SIGTERM and a new process at once, as in a rollout.
    Term,
    /// The database server stops, in order or not, and starts.
    DbRestart,
    /// The connections of one daemon or of all are cut, or hang.
    Cut,
    /// The database answers one daemon or all late.
    Slow,
    /// A source fails, hangs, resets or refuses.
    Upstream,
    /// A job is paused and resumed over HTTP.
    Pause,
    /// The configuration files change, and SIGHUP.
    Reload,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Kill,
        Self::Stop,
        Self::Term,
        Self::DbRestart,
        Self::Cut,
        Self::Slow,
        Self::Upstream,
        Self::Pause,
        Self::Reload,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", format!("{self:?}").to_lowercase())
    }
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Kill { slot: usize },
    Stop { slot: usize },
    Term { slot: usize },
    DbRestart { immediate: bool },
    Link { slot: Option<usize>, link: Link },
    Upstream { source: &'static str, trouble: Trouble },
    Pause { job: &'static str },
    Reload,
}

/// One fault of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: Kind,
    pub deed: Deed,
    /// After the start of the faults.
    pub begins: Duration,
    pub lasts: Duration,
}

/// A fault as it came to be.
#[derive(Clone, Debug)]
pub struct Happened {
    pub kind: Kind,
    pub deed: Deed,
    /// The process it struck.
    pub who: Option<String>,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Happened {
    /// Whether the instant lies in the fault, or in so much time after its end.
    pub fn covers(&self, at: DateTime<Utc>, recovery: TimeDelta) -> bool {
        self.touches(at, at, recovery)
    }

    /// Whether any instant from one to the other does.
    pub fn touches(&self, from: DateTime<Utc>, until: DateTime<Utc>, recovery: TimeDelta) -> bool {
        self.from <= until && from <= self.until + recovery
    }
}
