//! What the API and the pages ask of the store. Reads only.
//!
//! Long series are read in pieces, each when the one before it has been sent.

mod averages;
mod bars;
pub mod export;
mod overview;
mod reach;
mod sources;
pub mod stream;

pub use averages::{Averages, KeptAverage, averages, kept_averages};
pub use bars::{SourcedBar, newest_bars};
pub use overview::{Overview, Shown, overview};
pub use reach::first_needed;
pub use sources::sources;

use crate::db::{DbError, SnapshotError};

/// Why a series could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Database(#[from] DbError),
    /// Too many others read for long at this moment: asking later helps.
    #[error("too many long answers are under way")]
    Busy,
}

impl From<SnapshotError> for ReadError {
    fn from(error: SnapshotError) -> Self {
        match error {
            SnapshotError::Database(error) => Self::Database(error),
            SnapshotError::Busy => Self::Busy,
        }
    }
}
