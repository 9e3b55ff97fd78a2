//! WHEN jobs run: schedules, due ticks, misfires, orphans, backfills.
//!
//! Exactly one run for each tick is a constraint of the database, so every replica plans and none leads.

mod backfiller;
mod batch;
mod clock;
mod due;
mod housekeeping;
mod longest;
mod planner;
mod registration;
mod rescuer;
mod schedule;
mod standings;
mod timetable;
mod wall;
mod words;

pub use backfiller::{Backfiller, run_backfiller};
pub use clock::{Beat, run_clock};
pub use housekeeping::purge_old_runs;
pub use planner::{Planner, PlannerParts};
pub use registration::registered;
pub use rescuer::{Rescuer, run_rescuer};
pub use schedule::{Schedule, ScheduleError};
pub use standings::Standings;
