//! The `stock` job: what is missing of each company is fetched from the first source that serves, and loaded.

mod fetch;
mod fill;
mod job;
pub(super) mod keys;
mod missing;
mod need;
mod previews;
mod told;

pub use fetch::Candidate;
pub use job::{StockJob, StockJobParts};
