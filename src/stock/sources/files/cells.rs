//! The cells of one line, and the numbers in them.

use std::borrow::Cow;

/// Cells of a header or a row, without blanks and quotes around them.
pub(super) fn cells(line: &str) -> Vec<Cow<'_, str>> {
    if line.contains('"') { quoted(line) } else { line.split(',').map(|cell| Cow::Borrowed(cell.trim())).collect() }
}

fn quoted(line: &str) -> Vec<Cow<'_, str>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line.as_bytes());
    match reader.records().next() {
        Some(Ok(record)) => record.iter().map(|cell| Cow::Owned(cell.trim().to_owned())).collect(),
        // A line of text always is a record.
        Some(Err(_)) | None => Vec::new(),
    }
}

/// Words for no value. A spreadsheet's error, such as `#VALUE!`, is none of them.
const NONE: [&str; 13] = ["", "-", "--", "－", "N/D", "NA", "N/A", "#N/A", "null", "None", "nan", "NaN", "NULL"];

/// A number, or none. Volumes may be fractional, since they are adjusted.
pub(super) fn number(text: &str) -> Result<Option<f64>, String> {
    if NONE.contains(&text) {
        return Ok(None);
    }
    let digits: Cow<'_, str> = if text.contains(',') { text.replace(',', "").into() } else { text.into() };
    let number: Option<f64> = digits.parse().ok().filter(|number: &f64| number.is_finite());
    number.map(Some).ok_or_else(|| format!("{text:.32} is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_told_apart_with_quotes_and_without() {
        assert_eq!(cells("a, b ,,c"), ["a", "b", "", "c"]);
        assert_eq!(cells(r#""2024-01-04","1,234.5", x"#), ["2024-01-04", "1,234.5", "x"]);
        assert_eq!(cells(r#"a,"b"#), ["a", "b"]);
    }

    #[test]
    fn numbers_and_their_absence_are_read_and_nothing_else() {
        assert_eq!(number("64434063.024741"), Ok(Some(64_434_063.024_741)));
        assert_eq!(number("1,234.5"), Ok(Some(1234.5)));
        assert!(NONE.iter().all(|none| number(none) == Ok(None)));
        for text in ["#VALUE!", "inf", "1e999", "x", "1.2.3"] {
            assert!(number(text).is_err(), "{text}");
        }
    }
}
