//! The `replay` job: archived answers of a source are read again, and what a better parser makes of them is loaded.
//! Nobody is asked.

mod apply;
mod job;
mod order;
mod read;

pub use job::{ReplayJob, ReplayJobParts, Replayed};
