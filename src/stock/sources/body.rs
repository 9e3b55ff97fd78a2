//! Reading what is no data: pages, phrases, scraps.

use crate::crawl::answer::Refusal;

/// Longest text of an answer that is repeated in a reason, in characters.
const SNIPPET: usize = 120;

/// The beginning of a body on one line, for a person to read.
pub fn snippet(text: &str) -> String {
    let is_gap = |c: char| c.is_whitespace() || c.is_control();
    let words: Vec<_> = text.split(is_gap).filter(|word| !word.is_empty()).take(SNIPPET).collect();
    let line = words.join(" ");
    let mut short: String = line.chars().take(SNIPPET).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

/// Whether the body is a page for people.
pub fn is_html(text: &str) -> bool {
    let start: String = text.trim_start_matches('\u{feff}').trim_start().chars().take(256).collect();
    let start = start.to_ascii_lowercase();
    start.starts_with("<!doctype") || start.starts_with("<html") || start.contains("<head") || start.contains("<body")
}

/// Whether any of the phrases, given in lower case, is in the text.
pub fn mentions(text: &str, phrases: &[&str]) -> bool {
    let text = text.to_lowercase();
    phrases.iter().any(|phrase| text.contains(phrase))
}

pub fn schema_changed(reason: impl Into<String>) -> Refusal {
    Refusal::SchemaChanged { reason: reason.into() }
}

pub fn blocked(reason: impl Into<String>) -> Refusal {
    Refusal::Blocked { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_one_short_line() {
        assert_eq!(snippet("  Access\r\n denied\u{7} "), "Access denied");
        assert!(snippet(&"株価 ".repeat(1000)).chars().count() <= SNIPPET + 1);
    }

    #[test]
    fn a_page_is_told_from_data() {
        assert!(is_html("\u{feff}\n<!DOCTYPE html><html>"));
        assert!(is_html("<HTML lang=ja>"));
        assert!(!is_html("Date,Open,High,Low,Close,Volume"));
        assert!(!is_html("{\"chart\":{}}"));
    }
}
