//! Stored bars that were changed: what they were, what they became, and who said so.

mod add;
mod list;
mod since;

pub use add::{add_accepted, add_corrections, add_rebase, add_settled};
pub use list::{Revision, RevisionFilter, list, rebased_since};
pub use since::{Stamp, since};
