//! `/quarantine`: the rows that were not loaded, and deciding about them.

mod decide;
mod filter;
mod list;
mod path;
mod wire;

pub(super) use decide::{accept, discard};
pub(super) use filter::{Asked, Query};
pub(super) use list::{list, one};
