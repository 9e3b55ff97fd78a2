//! What somebody is told, in the languages there are. Which of them a client reads is known to `http`; logs, records and
//! the command line are in English.

use std::fmt;

/// The language of what a client reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    Japanese,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Japanese];

    /// As in `Content-Language`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }
}

/// A sentence in each language. There is no way to make one of a sentence in one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    english: String,
    japanese: String,
}

impl Told {
    pub fn new(english: impl Into<String>, japanese: impl Into<String>) -> Self {
        Self { english: english.into(), japanese: japanese.into() }
    }

    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Japanese => &self.japanese,
        }
    }

    /// One sentence after the other, made of each by `each`.
    pub fn joined<T>(items: &[T], each: impl Fn(&T, Language) -> String) -> Self {
        let [english, japanese] =
            Language::ALL.map(|language| items.iter().map(|item| each(item, language)).collect::<Vec<_>>().join("; "));
        Self { english, japanese }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english)
    }
}

/// An error that is written in English, and told in Japanese too.
pub trait Tell: fmt::Display {
    /// The same in Japanese.
    fn japanese(&self) -> String;
}

impl<T: Tell> Tell for &T {
    fn japanese(&self) -> String {
        (**self).japanese()
    }
}

impl<T: Tell> From<T> for Told {
    fn from(error: T) -> Self {
        Self { english: error.to_string(), japanese: error.japanese() }
    }
}

/// `told!("english {x}", "日本語 {x}")`: the same values in both sentences.
#[macro_export]
macro_rules! told {
    ($english:literal, $japanese:literal $(,)?) => {
        $crate::told::Told::new(format!($english), format!($japanese))
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_the_same_values_in_each_language() {
        let code = "7203";
        let told = told!("no company {code}", "銘柄 {code} はありません");
        assert_eq!(told.in_language(Language::English), "no company 7203");
        assert_eq!(told.in_language(Language::Japanese), "銘柄 7203 はありません");
        assert_eq!(told.to_string(), "no company 7203");
    }
}
