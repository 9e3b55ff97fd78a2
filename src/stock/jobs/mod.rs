//! Turning the crank: the `stock` job fetches, checks, loads and derives, a task for each company.

mod fetch;
mod freshness;
mod keys;
mod load;
mod need;
mod reconcile;
mod stock_job;

pub use fetch::Candidate;
pub use freshness::{Freshness, measure};
pub use stock_job::{StockJob, StockJobParts};
