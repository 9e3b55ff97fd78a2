//! The comparison of an incremental answer with what is stored, before anything is overwritten; and of a stored series
//! with what another source says, where nothing is.
//!
//! Pure. What follows from the finding is the caller's: append, correct, fetch the whole history anew, quarantine.

mod agreement;
mod compare;
mod natural;
mod one_basis;
mod rebasing;
mod regime;
mod settle;
mod stretches;

pub use compare::{Correction, Overlap, compare, differing};
pub use one_basis::{OneBasis, OtherBasis};
pub use rebasing::are_of_one_unit;
pub use settle::{Settled, settle};
pub use stretches::{Stretch, StretchKind, stretches};
