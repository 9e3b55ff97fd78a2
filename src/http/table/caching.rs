//! `ETag`s: a reader who has the newest answer already gets 304 and no rows are read.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

/// Identifies the content of an answer, whenever it is given. In a header it is weak, since answers carry the time they
/// were made; that of a file has a sum of its bytes behind it and is strong, so that parts of it fit together.
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
        Self(start(&hash.finalize()))
    }

    /// The answer 304 when `If-None-Match` has this tag.
    #[must_use]
    pub fn not_modified(&self, headers: &HeaderMap) -> Option<Response> {
        let known = headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
        let known = known.flat_map(|value| value.split(',')).find_map(|known| self.known(known.trim()))?;
        Some(marked(StatusCode::NOT_MODIFIED.into_response(), &known))
    }

    /// Adds the tag and how long the answer may be kept: by its reader, if he asks each time whether it still holds.
    #[must_use]
    pub fn mark(&self, response: Response) -> Response {
        marked(response, &self.weak())
    }

    fn weak(&self) -> String {
        format!("W/\"{}\"", self.0)
    }

    /// That of a file, by the hash of its bytes.
    #[cfg_attr(not(any(feature = "arrow", test)), expect(dead_code, reason = "only files have one"))]
    pub(super) fn strong(&self, content: &[u8]) -> String {
        format!("\"{}.{}\"", self.0, start(content))
    }

    /// This tag as a reader knows it, if it is this one.
    fn known(&self, text: &str) -> Option<String> {
        if text == "*" {
            return Some(self.weak());
        }
        match text.trim_start_matches("W/").trim_matches('"').split_once('.') {
            // Nothing else had these bytes: what they are need not be found out to know that they are still the same.
            Some((tag, sum)) if tag == self.0 && sum.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Some(format!("\"{tag}.{sum}\""))
            }
            Some(_) => None,
            None => (text.trim_start_matches("W/").trim_matches('"') == self.0).then(|| self.weak()),
        }
    }
}

/// The first twelve bytes, in hexadecimal digits.
fn start(hash: &[u8]) -> String {
    hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn marked(mut response: Response, tag: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=0, must-revalidate"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_in_any_of_its_spellings_and_no_other_is() {
        let tag = Tag::of(["a", "bc"]);
        assert_ne!(tag, Tag::of(["ab", "c"]));
        let answered = |value: &str| {
            let headers = [(header::IF_NONE_MATCH, value.parse().unwrap())].into_iter().collect();
            let response: Response = tag.not_modified(&headers)?;
            Some(response.headers()[header::ETAG].to_str().unwrap().to_owned())
        };
        let (weak, strong) = (tag.weak(), tag.strong(&[1; 32]));
        for known in [&weak, &format!("\"x\", {weak}"), &weak[2..], "*"] {
            assert_eq!(answered(known), Some(weak.clone()), "{known}");
        }
        for known in [&strong, &format!("W/{strong}"), &format!("\"x.y\" , {strong}")] {
            assert_eq!(answered(known), Some(strong.clone()), "{known}");
        }
        let other = Tag::of(["x"]).strong(&[1; 32]);
        for unknown in ["\"x\"", "", &other, &format!("\"{}.<>\"", tag.0)] {
            assert_eq!(answered(unknown), None, "{unknown}");
        }
        assert!(tag.not_modified(&HeaderMap::new()).is_none());
    }
}
