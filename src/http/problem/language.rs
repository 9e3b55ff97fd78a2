//! Which language a client reads, by `Accept-Language`.

use axum::http::{HeaderMap, header};

use crate::told::Language;

impl Language {
    /// RFC 9110, 12.5.4: Japanese for those who prefer it to English; English for all others.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let (mut japanese, mut english) = (0.0, 0.0);
        let values = headers.get_all(header::ACCEPT_LANGUAGE).into_iter().filter_map(|value| value.to_str().ok());
        for range in values.flat_map(|value| value.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = match tag.split('-').next() {
                Some("ja") => &mut japanese,
                Some("en") => &mut english,
                _ => continue,
            };
            let q: f32 = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
            *weight = q.max(*weight);
        }
        if japanese > english { Self::Japanese } else { Self::English }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Language {
        Language::of(&[(header::ACCEPT_LANGUAGE, value.parse().unwrap())].into_iter().collect())
    }

    #[test]
    fn japanese_is_for_those_who_prefer_it_to_english() {
        for value in ["ja", "ja-JP, en;q=0.8", "JA;q=0.5", "fr, ja;q=0.3", "en;q=0.2, ja;q=0.3"] {
            assert_eq!(of(value), Language::Japanese, "{value}");
        }
        for value in ["", "en", "*", "fr", "en-GB, ja;q=0.9", "ja;q=0", "jav", "ja, en"] {
            assert_eq!(of(value), Language::English, "{value}");
        }
        assert_eq!(Language::of(&HeaderMap::new()), Language::English);
    }
}
