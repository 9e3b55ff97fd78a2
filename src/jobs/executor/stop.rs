//! Why a run is to end before its tasks do.

use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody asked for it.
    Requested,
    /// Longer than the job's timeout.
    TimedOut,
    /// Another process may have the run by now: nothing more may be written.
    LeaseLost,
    /// Another process took the run that was offered: nothing more may be written.
    HandedOver,
    /// The daemon ends; the run goes back to the queue.
    Draining,
    /// Its tasks could not be written down.
    Unrecorded,
    /// Another run of the job goes first; this one goes back to the queue.
    GivingWay,
}

/// A cancellation that remembers its first reason.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    token: CancellationToken,
    reason: Arc<OnceLock<StopReason>>,
    settling: CancellationToken,
    progress: Arc<Notify>,
}

impl Stop {
    pub fn trigger(&self, reason: StopReason) {
        let _first_wins = self.reason.set(reason);
        self.token.cancel();
    }

    pub fn reason(&self) -> Option<StopReason> {
        self.reason.get().copied()
    }

    /// The run may have another owner by now.
    pub fn is_lost(&self) -> bool {
        matches!(self.reason(), Some(StopReason::LeaseLost | StopReason::HandedOver))
    }

    /// Lets the tasks under way end, and no others begin; the run goes back to the queue.
    pub fn settle(&self) {
        self.settling.cancel();
    }

    pub fn settling(&self) -> &CancellationToken {
        &self.settling
    }

    /// Rings when a task has ended.
    pub fn progress(&self) -> &Notify {
        &self.progress
    }

    pub fn token(&self) -> &CancellationToken {
        &self.token
    }
}
