//! Why a run is to end before its tasks do.

use std::sync::{Arc, OnceLock};

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
}

/// A cancellation that remembers its first reason.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    token: CancellationToken,
    reason: Arc<OnceLock<StopReason>>,
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

    pub fn token(&self) -> &CancellationToken {
        &self.token
    }
}
