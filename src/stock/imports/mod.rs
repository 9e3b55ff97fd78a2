//! Files on their way into the database: read once, checked in form, and kept in pieces until a run has loaded them, so
//! that any replica can do the run and resume it.
//!
//! It does not judge rows and does not load them: that is the job's part.

mod lines;
mod pieces;
mod purge;
mod stage;

pub use lines::FileRows;
pub use purge::run_purge;
pub use stage::{StageError, stage};

/// The largest file from the command line.
pub const MOST_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// The job that loads what is kept here; its input is the id of a file.
pub const JOB: &str = "import";
