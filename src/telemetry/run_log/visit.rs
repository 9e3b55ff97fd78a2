//! Message and fields of an event, bounded and harmless from the first character on: a message of a megabyte is never
//! in memory as a whole.

use std::fmt::{self, Write};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};

use crate::telemetry::fields::name;

/// The longest message, and the most text in all fields together, in bytes.
const LONGEST: usize = 4096;
/// Ends what was cut.
const CUT: char = '…';

pub struct Bounded {
    pub message: String,
    pub fields: Map<String, Value>,
    /// Bytes the fields may still take.
    room: usize,
}

impl Default for Bounded {
    fn default() -> Self {
        Self { message: String::new(), fields: Map::new(), room: LONGEST }
    }
}

impl Bounded {
    fn text(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let name = name(field);
        if name == "message" {
            self.message = cut(value, LONGEST);
            return;
        }
        let text = cut(value, self.room);
        self.room = self.room.saturating_sub(text.len());
        self.fields.insert(name.to_owned(), Value::from(text));
    }

    fn value(&mut self, field: &Field, value: Value) {
        self.fields.insert(name(field).to_owned(), value);
    }
}

impl Visit for Bounded {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.value(field, Value::from(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.value(field, Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.value(field, Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.value(field, Value::from(value));
    }
}

/// The text, at most so many bytes of it; `…` at its end says that there was more.
pub fn cut(value: fmt::Arguments<'_>, most: usize) -> String {
    let mut short = Short { text: String::new(), most, full: false };
    // An error means that the rest does not fit, or that the value cannot be shown.
    let whole = short.write_fmt(value).is_ok();
    let mut text = short.text;
    if !whole || short.full {
        while text.len() + CUT.len_utf8() > most && text.pop().is_some() {}
        text.push(CUT);
    }
    text
}

struct Short {
    text: String,
    most: usize,
    full: bool,
}

impl Write for Short {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        for c in more.chars().map(harmless) {
            if self.text.len() + c.len_utf8() > self.most {
                self.full = true;
                return Err(fmt::Error);
            }
            self.text.push(c);
        }
        Ok(())
    }
}

/// PostgreSQL refuses NUL, and a terminal obeys the others.
fn harmless(c: char) -> char {
    if c.is_control() && !matches!(c, '\n' | '\t') { char::REPLACEMENT_CHARACTER } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_characters_and_says_so() {
        assert_eq!(cut(format_args!("{}", "a".repeat(4096)), LONGEST).len(), 4096);
        for letter in ["a", "é", "株", "𝒜"] {
            let text = cut(format_args!("{}", letter.repeat(1_000_000)), LONGEST);
            assert!(text.len() <= LONGEST && text.len() > LONGEST - 8, "{letter}: {}", text.len());
            assert!(text.ends_with(&format!("{letter}…")), "{letter}");
        }
        assert_eq!(cut(format_args!("abc"), 0), "…");
    }

    #[test]
    fn control_characters_are_made_visible() {
        let text = cut(format_args!("a\0b\u{1b}[31mc\r\nd\te\u{85}"), LONGEST);
        assert_eq!(text, "a\u{fffd}b\u{fffd}[31mc\u{fffd}\nd\te\u{fffd}");
    }
}
