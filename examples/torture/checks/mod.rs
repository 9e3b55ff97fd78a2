//! What must hold, whatever went wrong: each file judges one promise, from rows and logs alone.

mod daemons;
mod lateness;
mod market;
mod moved;
mod observed;
mod overlap;
mod pace;
mod runs;
mod ticks;
mod writes;

use std::time::Duration;

use chrono::TimeDelta;

pub use self::{
    daemons::judge as judge_daemons,
    market::{half_loaded, judge as judge_market},
    observed::Observed,
};
use crate::report::Report;

/// Between two requests to one fake source.
pub const PACE: Duration = Duration::from_millis(200);
/// What the way from the granted place to the source may vary by.
pub const PACE_TOLERANCE: TimeDelta = TimeDelta::milliseconds(100);
/// What it takes to tell all daemons that a source asked for a wait.
pub const REFUSAL_SPREADS: TimeDelta = TimeDelta::milliseconds(300);
/// Leases end after 12 s and are looked at every second; the rest is for the claim.
pub const MOVED_AFTER_KILL: TimeDelta = TimeDelta::milliseconds(15_000);
/// A daemon that ends offers its runs at once; the others look twice a second.
pub const MOVED_AFTER_TERM: TimeDelta = TimeDelta::milliseconds(1_500);
/// After the faults that may delay a start: a lease, the look for it, a claim.
pub const RECOVERY: TimeDelta = TimeDelta::seconds(15);
/// After those that may delay a tick: reconnecting.
pub const TICK_RECOVERY: TimeDelta = TimeDelta::seconds(3);
/// Outside of faults.
pub const LATE_P99: TimeDelta = TimeDelta::milliseconds(250);
pub const LATE_MOST: TimeDelta = TimeDelta::seconds(2);
/// While a daemon is stopped or cut off: the locks that it may hold are taken from it after 5 s.
pub const LATE_BESIDE_STOPPED: TimeDelta = TimeDelta::seconds(7);

/// Judges everything but the daemons themselves.
pub fn judge(observed: &Observed, report: &mut Report) {
    ticks::judge(observed, report);
    runs::judge(observed, report);
    writes::judge(observed, report);
    overlap::judge(observed, report);
    pace::judge(observed, report);
    lateness::judge(observed, report);
    moved::judge(observed, report);
}
