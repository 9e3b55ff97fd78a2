//! Turning the crank: the jobs of the domain, a folder each, and how fresh they keep the data.

mod counts;
mod freshness;
mod import;
mod stock;

pub use freshness::{Freshness, measure};
pub use import::{ImportJob, ImportJobParts};
pub use stock::{Candidate, StockJob, StockJobParts};
