//! `ETag`s: a reader who has the newest answer already gets 304 and no rows are read.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

/// Identifies the content of an answer, whenever it is given. Weak, since answers carry the time they were made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(String);

impl Tag {
    /// Of everything the content depends on.
    #[must_use]
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // With its length, so that no two lists of parts run together to the same text.
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        let start: String = hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Self(format!("W/\"{start}\""))
    }

    /// The answer 304 when `If-None-Match` has this tag.
    #[must_use]
    pub fn not_modified(&self, headers: &HeaderMap) -> Option<Response> {
        self.is_known(headers).then(|| self.mark(StatusCode::NOT_MODIFIED.into_response()))
    }

    /// Adds the tag and how long the answer may be kept: by its reader, if he asks each time whether it still holds.
    #[must_use]
    pub fn mark(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=0, must-revalidate"));
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        if let Ok(tag) = HeaderValue::from_str(&self.0) {
            headers.insert(header::ETAG, tag);
        }
        response
    }

    fn is_known(&self, headers: &HeaderMap) -> bool {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let known = headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
        known.flat_map(|value| value.split(',')).any(|tag| tag.trim() == "*" || opaque(tag) == opaque(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_in_any_of_its_spellings_and_no_other_is() {
        let tag = Tag::of(["a", "bc"]);
        assert_ne!(tag, Tag::of(["ab", "c"]));
        let known = |value: &str| {
            let headers = [(header::IF_NONE_MATCH, value.parse().unwrap())].into_iter().collect();
            tag.not_modified(&headers).is_some()
        };
        assert!(known(&tag.0) && known(&format!("\"x\", {}", tag.0)) && known(&tag.0[2..]) && known("*"));
        assert!(!known("\"x\"") && !known("") && tag.not_modified(&HeaderMap::new()).is_none());
    }
}
