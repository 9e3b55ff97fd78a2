//! What a caller is told when a series could not be read.

use crate::{http::Problem, stock::store::serving::ReadError};

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Database(error) => error.into(),
            ReadError::Changing => Self::unavailable("the series is being rewritten at the moment"),
        }
    }
}
