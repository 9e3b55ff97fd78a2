//! The id of a request: the client's, when it is fit to stand in logs, or a new one.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    pub fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(|text| is_sane(text));
        Self(given.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn header(&self) -> HeaderValue {
        HeaderValue::try_from(&self.0).unwrap_or_else(|_| HeaderValue::from_static("?"))
    }
}

fn is_sane(text: &str) -> bool {
    let fit = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> String {
        RequestId::of(&[(HEADER, value.parse().unwrap())].into_iter().collect()).0
    }

    #[test]
    fn only_a_sane_id_is_taken_over() {
        assert_eq!(of("trace-1.a_B"), "trace-1.a_B");
        for text in ["", "a b", "a\"b", "<script>", &"a".repeat(65)] {
            assert_ne!(of(text), text);
            assert!(Uuid::try_parse(&of(text)).is_ok());
        }
    }
}
