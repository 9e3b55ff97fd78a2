//! Who changed what: a row for every change somebody makes over HTTP or from the command line.
//!
//! The row is written in the transaction of the change, so that neither is without the other. What is refused, and what
//! changes nothing, leaves no row. Knows no action of its own: each is named by whoever does it.

mod actor;
mod entry;
pub mod store;

use crate::db::Area;

pub use actor::{Actor, Via};
pub use entry::{Change, Entry, differences};

/// Its table.
pub const AREA: Area = Area { title: "Audit", about: "Who changed what.", tables: &["audit"] };
