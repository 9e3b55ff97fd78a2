//! `/quarantine`: the rows that were not loaded, and deciding about them.

pub(super) mod decide;
mod filter;
pub(super) mod list;
mod path;
mod wire;

pub(super) use filter::{Asked, Query};
pub(super) use path::RowInPath;
