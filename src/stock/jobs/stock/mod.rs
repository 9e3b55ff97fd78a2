//! The `stock` job: what is missing of each company is fetched from the first source that serves, and loaded.

mod fetch;
mod job;
mod keys;
mod message;
mod need;

pub use fetch::Candidate;
pub use job::{StockJob, StockJobParts};
pub use keys::unknown as unknown_companies;
