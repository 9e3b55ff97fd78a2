//! What came over the wire, before anyone has judged it.

use std::borrow::Cow;

use url::Url;

use super::answer::Refusal;

/// An answer with a status below 500 and other than 429; those two never reach a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAnswer {
    pub status: u16,
    pub content_type: Option<String>,
    /// Decompressed, at most `max_body` bytes.
    pub body: Vec<u8>,
    /// Where the answer came from after redirects, secrets masked.
    pub url: Url,
}

impl RawAnswer {
    /// The body as text; what is not UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// The plain reading of a status, for a source that has dealt with those it gives a meaning of its own.
///
/// # Errors
/// `Blocked` for 401, 403 and 451, `SchemaChanged` for everything else that is not 200.
pub fn require_ok(status: u16) -> Result<(), Refusal> {
    match status {
        200 => Ok(()),
        401 | 403 | 451 => Err(Refusal::Blocked { reason: format!("status {status}") }),
        _ => Err(Refusal::SchemaChanged { reason: format!("status {status}") }),
    }
}
