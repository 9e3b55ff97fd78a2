//! What the API and the pages ask of the store. Reads only.
//!
//! Long series are read in pieces of bounded size and kept compactly; an answer's text is made from them as it is sent.

mod averages;
mod bars;
mod overview;
mod pieces;
mod reach;
mod sources;
pub mod stream;

pub use averages::{Averages, KeptAverage, averages, kept_averages};
pub use bars::{SourcedBar, bars, newest_bars};
pub use overview::{Overview, Shown, overview};
pub use reach::first_needed;
pub use sources::sources;

use crate::db::{DbError, SnapshotError};

/// Why a series could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Database(#[from] DbError),
    /// It was rewritten again and again while it was read: asking later helps.
    #[error("the series is being rewritten")]
    Changing,
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
