//! Applying a list of issues to the companies: who is new, who changed name or segment, whose listing ended.
//!
//! What a list says is compared by pure functions; [`apply()`] writes the difference, all of it or nothing. It asks no
//! source and reads no file.

mod apply;
mod companies;
mod diff;
mod misfit;
mod name;
mod outcome;
mod segment;

#[cfg(test)]
mod diff_tests;

pub use apply::{ApplyError, Applying, apply};
pub use companies::{Given, ImportError, import};
pub use diff::{Changed, Diff, Known, diff};
pub use misfit::Misfit;
pub use name::same_name;
pub use outcome::Applied;
pub use segment::segment;
