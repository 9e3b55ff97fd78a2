//! Row checks: what a source answered becomes bars that may be stored, or a rejection with a reason.
//!
//! Pure. A batch is judged by itself, by the last stored close, and by the stored bars it repeats; the comparison with stored bars is `overlap`'s.

mod batch;
mod dates;
mod duplicates;
mod known;
mod leaps;
mod prices;
mod splits;
mod tally;

pub use batch::{CheckContext, Checked, SchemaChanged, check, check_beside};
pub use prices::{possible, without_carried_prices};
