//! Row checks: what a source answered becomes bars that may be stored, or a rejection with a reason.
//!
//! Pure. A batch is judged by itself and by the last stored close; the comparison with stored bars is `overlap`'s.

mod batch;
mod dates;
mod duplicates;
mod leaps;
mod prices;
mod tally;

pub use batch::{CheckContext, Checked, SchemaChanged, check};
