//! What a company's members may be, for files and for the API: each is read, or refused with what would be right.

use chrono::NaiveDate;

use crate::{settings::iso_day, told, told::Told};

/// The name, without blanks around it: `company_name varchar(256)`.
///
/// # Errors
/// When it is empty, too long or has control characters.
pub fn company_name(text: &str) -> Result<String, Told> {
    line_of_text(text, 256)
}

/// The market segment, `プライム`, without blanks around it: `listed_market varchar(32)`.
///
/// # Errors
/// When it is empty, too long or has control characters.
pub fn listed_market(text: &str) -> Result<String, Told> {
    line_of_text(text, 32)
}

fn line_of_text(text: &str, longest: usize) -> Result<String, Told> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 {
        return Err(told!(
            "is empty; 1 to {longest} characters are due",
            "空です。1 から {longest} 文字で書いてください"
        ));
    }
    if length > longest {
        return Err(told!(
            "has {length} characters, {longest} are the most",
            "{length} 文字あります。{longest} 文字までにしてください"
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(told!(
            "has a control character, such as a line break",
            "改行などの制御文字が含まれています。取り除いてください"
        ));
    }
    Ok(text.to_owned())
}

/// An ISO 3166 code of two letters, `JP`.
///
/// # Errors
/// When it is none.
pub fn country_code(text: &str) -> Result<String, Told> {
    let text = text.trim();
    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        let text = shown(text);
        Err(told!(
            "{text} is no country code; write two capital letters, as in JP",
            "{text} は国コードではありません。JP のように英大文字 2 文字で書いてください"
        ))
    }
}

/// A day, `2020-12-24`: four, two and two digits, so that each day has one spelling.
///
/// # Errors
/// When it is none.
pub fn day(text: &str) -> Result<NaiveDate, Told> {
    iso_day(text).ok_or_else(|| {
        let text = shown(text);
        told!(
            "{text} is no day; write YYYY-MM-DD",
            "{text} は日付ではありません。YYYY-MM-DD の形で、実在する日付を書いてください"
        )
    })
}

/// A number.
///
/// # Errors
/// When it is none.
pub fn number(text: &str) -> Result<f64, Told> {
    text.parse().map_err(|_| {
        let text = shown(text);
        told!("{text} is no number", "{text} は数値ではありません")
    })
}

/// Degrees east, -180 to 180.
///
/// # Errors
/// When it is outside.
pub fn longitude(degrees: f64) -> Result<f64, Told> {
    within(degrees, 180.0)
}

/// Degrees north, -90 to 90.
///
/// # Errors
/// When it is outside.
pub fn latitude(degrees: f64) -> Result<f64, Told> {
    within(degrees, 90.0)
}

fn within(degrees: f64, most: f64) -> Result<f64, Told> {
    if degrees.is_finite() && degrees.abs() <= most {
        Ok(degrees)
    } else {
        Err(told!(
            "{degrees} is not between -{most} and {most} degrees",
            "{degrees} は範囲外です。-{most} から {most} までの度数で書いてください"
        ))
    }
}

/// A text as a message quotes it: no control characters, no more than a line.
#[must_use]
pub fn shown(text: &str) -> String {
    let start: String = text.chars().take(32).collect();
    let more = if text.chars().nth(32).is_some() { "…" } else { "" };
    format!("{start:?}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_measured_in_characters() {
        assert_eq!(company_name("  任天堂 ").unwrap(), "任天堂");
        assert!(listed_market(&"あ".repeat(32)).is_ok());
        assert_eq!(listed_market(&"あ".repeat(33)).unwrap_err().to_string(), "has 33 characters, 32 are the most");
        assert!(company_name(" ").is_err() && company_name("a\nb").is_err());
    }

    #[test]
    fn a_day_has_one_spelling() {
        assert!(day("2020-02-29").is_ok());
        for text in ["", "2020-2-29", "2021-02-29", "20200229", "+020-01-01", "2020-02-29 ", "２０２０-02-29"] {
            assert!(day(text).is_err(), "{text}");
        }
    }

    #[test]
    fn degrees_and_countries_have_bounds() {
        assert!(longitude(180.0).is_ok() && latitude(-90.0).is_ok());
        assert!(longitude(180.1).is_err() && latitude(f64::NAN).is_err() && latitude(f64::INFINITY).is_err());
        assert!(country_code("JP").is_ok() && country_code("jp").is_err() && country_code("JPN").is_err());
    }
}
