//! A backfill: many keys of a job worked off behind every other run of it, and what became of each.
//!
//! ```text
//! running ⇄ paused         running ─→ succeeded | partial | failed | cancelled
//!    └────────┴──→ cancelling ─→ cancelled
//! ```

use chrono::{DateTime, Utc};

use super::{
    key::uuid_key,
    place::Place,
    run::{RowCounts, RunId, RunParams, words},
};

uuid_key!(
    /// The key of a backfill.
    BackfillId
);

words!(
    /// Where a backfill stands.
    BackfillState {
        Running = "running",
        /// What is under way ends, and nothing more begins.
        Paused = "paused",
        /// Cancellation was asked for and has not ended it yet.
        Cancelling = "cancelling",
        Succeeded = "succeeded",
        /// Some items failed or were cancelled; what succeeded is stored.
        Partial = "partial",
        Failed = "failed",
        Cancelled = "cancelled",
    }
);

impl BackfillState {
    /// Final states never change again.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Running | Self::Paused | Self::Cancelling)
    }
}

words!(
    /// Which of the job's keys become items.
    BackfillMode {
        /// Those of which something is missing.
        Missing = "missing",
        /// Those whose latest task failed.
        Failed = "failed",
        /// Every one, and also what is stored already.
        All = "all",
    }
);

words!(
    /// Where an item stands.
    ItemState {
        Pending = "pending",
        Running = "running",
        Succeeded = "succeeded",
        Failed = "failed",
        /// The job had no task for it when its turn came.
        Skipped = "skipped",
        Cancelled = "cancelled",
    }
);

/// A backfill as stored.
#[derive(Clone, Debug)]
pub struct Backfill {
    pub id: BackfillId,
    pub job: String,
    pub state: BackfillState,
    pub mode: BackfillMode,
    /// What its runs are asked to do; the companies are those that were asked for.
    pub params: RunParams,
    /// Items at once.
    pub max_parallel: u32,
    pub note: String,
    pub retry_of: Option<BackfillId>,
    /// The run its items are in.
    pub run: Option<RunId>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub error: Option<String>,
}

/// A key that is to become an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub key: String,
    /// What is to be done: `2019-01-04 to 2019-12-30 from yahoo`.
    pub message: Option<String>,
}

/// An item as stored.
#[derive(Clone, Debug)]
pub struct BackfillItem {
    /// In the order of working.
    pub position: i32,
    pub key: String,
    pub state: ItemState,
    pub run: Option<RunId>,
    pub rows: RowCounts,
    pub message: Option<String>,
    pub error: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl BackfillItem {
    /// Where it stands among the items of its backfill.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { position: self.position, key: self.key.clone() }
    }
}

/// The items of a backfill, counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    pub(super) items: [u32; ItemState::ALL.len()],
    pub(super) rows: RowCounts,
    /// How many of them were timed, and their seconds in all.
    pub(super) timed: u32,
    pub(super) seconds: f64,
}

impl Tally {
    #[must_use]
    pub fn of(&self, state: ItemState) -> u32 {
        self.items[state as usize]
    }

    #[must_use]
    pub fn rows(&self) -> RowCounts {
        self.rows
    }

    #[must_use]
    pub fn total(&self) -> u32 {
        self.items.iter().sum()
    }

    /// Items that have no end yet.
    #[must_use]
    pub fn open(&self) -> u32 {
        self.of(ItemState::Pending) + self.of(ItemState::Running)
    }

    /// Of a hundred items, how many have ended; to one decimal, never rounded up to the whole.
    #[must_use]
    pub fn percent(&self) -> f64 {
        let (total, open) = (f64::from(self.total()), f64::from(self.open()));
        if total == 0.0 { 100.0 } else { ((total - open) * 1000.0 / total).floor() / 10.0 }
    }

    /// Seconds until the last item ends if each takes as long as those that ended, so many at once; none before
    /// there is anything to judge by. What the backfill waited for meanwhile does not count.
    #[must_use]
    pub fn eta_seconds(&self, max_parallel: u32) -> Option<u64> {
        if self.timed == 0 {
            return None;
        }
        let each = self.seconds / f64::from(self.timed);
        // The last item takes its time however many could go beside it.
        let rounds = (f64::from(self.open()) / f64::from(max_parallel.max(1))).max(1.0);
        Some((each * rounds).ceil() as u64)
    }

    /// How a backfill ends whose items all have, and why not better.
    #[must_use]
    pub fn verdict(&self) -> (BackfillState, Option<String>) {
        let total = self.total();
        let (failed, cancelled) = (self.of(ItemState::Failed), self.of(ItemState::Cancelled));
        match (failed, cancelled) {
            (0, 0) => (BackfillState::Succeeded, None),
            (0, _) if cancelled == total => (BackfillState::Cancelled, Some("its run was cancelled".to_owned())),
            (0, _) => (BackfillState::Partial, Some(format!("{cancelled} of {total} items were cancelled"))),
            _ if failed == total => (BackfillState::Failed, Some(format!("all {total} items failed"))),
            _ => (BackfillState::Partial, Some(format!("{failed} of {total} items failed"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pending, running, succeeded, failed, skipped, cancelled.
    fn tally(items: [u32; 6]) -> Tally {
        Tally { items, timed: items[2] + items[3], seconds: 2.0 * f64::from(items[2] + items[3]), ..Tally::default() }
    }

    #[test]
    fn a_backfill_ends_by_what_became_of_its_items() {
        for (items, state) in [
            ([0, 0, 0, 0, 0, 0], BackfillState::Succeeded),
            ([0, 0, 3, 0, 1, 0], BackfillState::Succeeded),
            ([0, 0, 3, 1, 0, 0], BackfillState::Partial),
            ([0, 0, 0, 1, 1, 0], BackfillState::Partial),
            ([0, 0, 0, 2, 0, 0], BackfillState::Failed),
            ([0, 0, 1, 0, 0, 2], BackfillState::Partial),
            ([0, 0, 0, 0, 0, 2], BackfillState::Cancelled),
        ] {
            let (found, error) = tally(items).verdict();
            assert_eq!((found, error.is_none()), (state, state == BackfillState::Succeeded), "{items:?}");
        }
        assert_eq!(tally([0, 0, 3, 1, 0, 0]).verdict().1.as_deref(), Some("1 of 4 items failed"));
    }

    #[test]
    fn percent_counts_every_end_and_reaches_the_whole_only_there() {
        assert_eq!(tally([0; 6]).percent(), 100.0);
        assert_eq!(tally([4, 0, 0, 0, 0, 0]).percent(), 0.0);
        assert_eq!(tally([1, 1, 1, 1, 1, 1]).percent(), 66.6);
        assert_eq!(tally([1, 0, 3999, 0, 0, 0]).percent(), 99.9);
        assert_eq!(tally([0, 0, 3, 1, 1, 1]).percent(), 100.0);
    }

    #[test]
    fn the_rest_takes_as_long_as_what_is_done_took_so_many_at_once() {
        assert_eq!(tally([10, 0, 0, 0, 0, 0]).eta_seconds(4), None);
        // Two seconds each: 40 of them, 4 at once.
        assert_eq!(tally([36, 4, 9, 1, 0, 0]).eta_seconds(4), Some(20));
        assert_eq!(tally([0, 1, 9, 1, 0, 0]).eta_seconds(4), Some(2));
    }
}
