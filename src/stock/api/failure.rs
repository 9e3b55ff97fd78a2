//! What a caller is told when a series could not be read.

use crate::{http::Problem, stock::store::serving::ReadError, told};

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Database(error) => error.into(),
            ReadError::Busy => Self::unavailable(told!(
                "too many long answers are under way",
                "長い応答が多数送信中です。しばらくしてからもう一度お試しください"
            )),
        }
    }
}
