//! Turning the crank: the jobs of the domain, a folder each, and how fresh they keep the data.

mod freshness;
mod quarantine;
mod stock;

pub use freshness::{Freshness, measure};
pub use quarantine::measure_quarantine;
pub use stock::{Candidate, StockJob, StockJobParts};
