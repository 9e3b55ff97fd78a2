//! Turning the crank: the jobs of the domain, a folder each, and how fresh they keep the data.

mod freshness;
mod reconcile;
mod stock;

pub use freshness::{Freshness, measure};
pub use reconcile::ReconcileJob;
pub use stock::{Candidate, StockJob, StockJobParts};
