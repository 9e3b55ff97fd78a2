//! The `stock` job: what is missing of each company is fetched from the first source that serves, and loaded.

mod ask;
mod fetch;
mod fill;
mod job;
pub(super) mod keys;
mod message;
mod missing;
mod need;
mod previews;
mod write;

pub use fetch::Candidate;
pub use job::{StockJob, StockJobParts};
