//! The sample market: bundled real bars of five US companies (2000-2013), a simulated Japanese market,
//! and an upstream that serves both over real HTTP in the formats of the real sources.
//!
//! It parses no answer: what it serves is read back by the production sources.

mod bundle;
mod disturbance;
pub mod market;
mod master;
mod series;
pub mod upstream;
mod us;

pub use bundle::{SampleData, SampleError};
pub use disturbance::{Disturbance, DisturbanceKind};
pub use market::SimulatedMarket;
pub use master::{SampleCompany, companies};
pub use series::{Dividend, Series};
pub use upstream::{Fault, FaultKind, FaultPlan, JQUANTS_FREE_KEY, JQUANTS_KEY, RequestRecord, Upstream, When};
