//! What is told again and again of parameters and members that cannot be.

use crate::{
    told,
    told::{Language, Told},
};

/// A query has a parameter that means nothing.
pub fn unknown_parameter(name: &str, known: &[&str]) -> Told {
    if known.is_empty() {
        return told!(
            "{name} is no parameter here; there are none",
            "{name} というパラメーターはありません。ここで使えるパラメーターはありません"
        );
    }
    let known = known.join(", ");
    told!(
        "{name} is no parameter here; there are {known}",
        "{name} というパラメーターはありません。使えるのは {known} です"
    )
}

/// A body has a member that means nothing.
#[must_use]
pub fn unknown_member(name: &str, known: &[&str]) -> Told {
    let known = known.join(", ");
    told!("{name} is no member here; there are {known}", "{name} という項目はありません。使える項目は {known} です")
}

/// A parameter or member that has to be there is not.
#[must_use]
pub fn missing(name: &str) -> Told {
    told!("{name} is missing", "{name} がありません。必ず指定してください")
}

/// A value is another than what is right: `a text`, `文字列`.
#[must_use]
pub fn not(shown: &str, right: &Told) -> Told {
    let [english, japanese] = Language::ALL.map(|language| right.in_language(language));
    let japanese =
        if japanese.ends_with(|c: char| c.is_ascii()) { format!("{japanese} ") } else { japanese.to_owned() };
    told!("{shown} is not {english}", "{shown} は使えません。{japanese}を指定してください")
}

/// A value is none of the words there are.
#[must_use]
pub fn none_of(shown: &str, words: &[&str]) -> Told {
    let words = words.join(", ");
    told!("{shown} is none of {words}", "{shown} は使えません。{words} のどれかを指定してください")
}

/// A text is no day.
#[must_use]
pub fn no_day(shown: &str) -> Told {
    told!(
        "{shown} is no day; write YYYY-MM-DD",
        "{shown} は日付ではありません。2026-11-20 のように YYYY-MM-DD の形で、実在する日付を書いてください"
    )
}
