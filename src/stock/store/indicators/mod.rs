//! Moving averages: which are kept, and their values for each session.

mod positions;
mod refresh;
mod rows;

pub use positions::{Positions, keep, of_spec};
pub use refresh::refresh;
