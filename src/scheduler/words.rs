//! A schedule as a sentence.

use super::schedule::Schedule;

impl Schedule {
    /// The schedule as a sentence.
    #[must_use]
    pub fn in_words(&self) -> String {
        String::new()
    }
}
