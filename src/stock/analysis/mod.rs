//! What is asked of a series of values beside indicators: transformed for analysis, and how it correlates with itself.
//!
//! Pure. `docs/indicators.md` has the definitions.

mod autocorrelation;
mod correlogram;
mod partial;
#[cfg(test)]
mod reference_tests;
mod transform;

pub use correlogram::{Correlation, Correlogram, correlogram, greatest_lag};
pub use transform::{TimeSeries, Transform};
