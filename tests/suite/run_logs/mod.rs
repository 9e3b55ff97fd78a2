//! The logs of runs: what is kept, how much of it, and what becomes of it when the database or the run goes away.

mod binary;
mod bounds;
mod keeping;
mod kept;
pub mod trouble;

pub use kept::{Kept, new_run, note};
