//! Turning the crank: the jobs of the domain, a folder each, and how fresh they keep the data.

mod calendars;
mod company;
mod counts;
mod freshness;
mod import;
mod quarantine;
mod reconcile;
mod rejected;
mod replay;
mod settled;
mod stock;

pub use calendars::{CalendarsOfRuns, ExchangeCalendar};
pub use company::{CompanyJob, CompanyJobParts};
pub use freshness::{Freshness, measure};
pub use import::{ImportJob, ImportJobParts};
pub use quarantine::measure_quarantine;
pub use reconcile::ReconcileJob;
pub use replay::{ReplayJob, ReplayJobParts, Replayed};
pub use stock::{Candidate, StockJob, StockJobParts};
