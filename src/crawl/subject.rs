//! What a fetch is about: the requests of one fetch carry it, and their answers are kept under it.

use uuid::Uuid;

/// One fetch in the words of its domain, so that it can be asked again. Each has an id of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    fetch: String,
    key: String,
    text: String,
}

impl Subject {
    /// `key` is what fetches are found by, such as a stock code, at most 64 characters; `text` says, as JSON, what
    /// was asked.
    #[must_use]
    pub fn new(key: impl Into<String>, text: impl Into<String>) -> Self {
        Self { fetch: Uuid::now_v7().to_string(), key: key.into(), text: text.into() }
    }

    /// A UUIDv7: what the requests of the fetch have in common.
    #[must_use]
    pub fn fetch(&self) -> &str {
        &self.fetch
    }

    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A fetch of which nobody said what it is about.
impl Default for Subject {
    fn default() -> Self {
        Self::new("", "")
    }
}
