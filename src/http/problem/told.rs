//! What somebody is told, in the languages there are.

use axum::http::{HeaderMap, header};

/// The language of what a client reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    Japanese,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Japanese];

    /// By `Accept-Language` (RFC 9110, 12.5.4): Japanese for those who prefer it to English; English for all others.
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

    /// As in `Content-Language`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }
}

/// A sentence in each language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    english: String,
    japanese: Option<String>,
}

impl Told {
    pub fn new(english: impl Into<String>, japanese: impl Into<String>) -> Self {
        Self { english: english.into(), japanese: Some(japanese.into()) }
    }

    /// In this language, or in English where there is nothing else.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match (language, &self.japanese) {
            (Language::Japanese, Some(japanese)) => japanese,
            _ => &self.english,
        }
    }
}

impl From<String> for Told {
    fn from(english: String) -> Self {
        Self { english, japanese: None }
    }
}

impl From<&str> for Told {
    fn from(english: &str) -> Self {
        english.to_owned().into()
    }
}

/// `told!("english {x}", "日本語 {x}")`: the same values in both sentences.
#[macro_export]
macro_rules! told {
    ($english:literal, $japanese:literal $(,)?) => {
        $crate::http::Told::new(format!($english), format!($japanese))
    };
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

    #[test]
    fn a_sentence_has_the_same_values_in_each_language() {
        let code = "7203";
        let told = told!("no company {code}", "銘柄 {code} はありません");
        assert_eq!(told.in_language(Language::English), "no company 7203");
        assert_eq!(told.in_language(Language::Japanese), "銘柄 7203 はありません");
        assert_eq!(Told::from("only so").in_language(Language::Japanese), "only so");
    }
}
