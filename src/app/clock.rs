//! The machine's clock: the only place that reads it.

use chrono::Utc;

use crate::clock::Clock;

/// The current instant by the machine.
#[must_use]
pub fn system_clock() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "everything else is handed a Clock made here")]
    Clock::new(Utc::now)
}
