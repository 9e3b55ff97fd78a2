//! Rows that were not loaded, each with its reason and what somebody decided about it.

mod add;
mod decide;
mod list;
mod row;

pub use add::add;
pub use decide::{Decision, decided, lock};
pub use list::{QuarantineFilter, find, held_by_source, is_any_of, list};
pub use row::{Quarantined, State};
