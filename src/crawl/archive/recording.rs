//! One fetch as it was answered, to be read again without asking anybody.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use url::Url;

use crate::crawl::raw_answer::RawAnswer;

/// A fetch that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedFetch {
    pub id: String,
    /// What was asked, in the words of the domain.
    pub subject: String,
    /// When its last answer arrived, by the database's clock.
    pub at: DateTime<Utc>,
}

/// The answers of one fetch by the address asked, secrets masked. Of several to one address the last counts: those
/// before it were tried again.
#[derive(Clone, Debug, Default)]
pub struct Recording(HashMap<Url, RawAnswer>);

impl Recording {
    /// `answers` in the order in which they came.
    #[must_use]
    pub fn new(answers: impl IntoIterator<Item = RawAnswer>) -> Self {
        Self(answers.into_iter().map(|answer| (answer.url.clone(), answer)).collect())
    }

    pub(in crate::crawl) fn answer(&self, shown: &Url) -> Option<&RawAnswer> {
        self.0.get(shown)
    }
}
