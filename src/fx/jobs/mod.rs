//! Turning the crank: the `fx` job. What is missing is fetched by the smallest file that has it, and loaded.

mod fetch;
mod job;
mod load;
mod need;

pub use job::{FxJob, FxJobParts};
