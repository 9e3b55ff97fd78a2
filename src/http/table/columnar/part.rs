//! Which part of a file is asked for (RFC 9110, 14): one range of bytes; of several, all of the file.

use std::ops::Range;

use http_range_header::{RangeUnsatisfiableError, parse_range_header};

use super::files::Asked;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Whole,
    Of(Range<u64>),
    /// The range begins behind the end.
    Nothing,
}

/// What to give of the file of this tag and length.
pub fn part(asked: &Asked, tag: &str, length: u64) -> Part {
    let Some(range) = &asked.range else { return Part::Whole };
    // Who has a part of another file needs all of this one. A date is never ours.
    if asked.if_range.as_ref().is_some_and(|known| known != tag) {
        return Part::Whole;
    }
    // What cannot be read is as good as not there.
    let Ok(ranges) = parse_range_header(range) else { return Part::Whole };
    match ranges.validate(length).as_deref() {
        Ok([range]) if ranges.len() == 1 => Part::Of(*range.start()..range.end().saturating_add(1)),
        Err(RangeUnsatisfiableError::Unsatisfiable) => Part::Nothing,
        _ => Part::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::table::Files;

    fn of(range: Option<&str>, if_range: Option<&str>) -> Part {
        let text = |value: Option<&str>| value.map(str::to_owned);
        part(&Asked { files: Files::default(), range: text(range), if_range: text(if_range) }, "\"a.b\"", 100)
    }

    #[test]
    fn one_range_is_given_as_far_as_the_file_goes() {
        for (range, expected) in [
            ("bytes=0-3", 0..4),
            ("bytes=99-", 99..100),
            ("bytes=90-1000", 90..100),
            ("bytes=-8", 92..100),
            ("bytes=-1000", 0..100),
            ("Bytes=5-5", 5..6),
        ] {
            assert_eq!(of(Some(range), None), Part::Of(expected), "{range}");
        }
        for range in ["bytes=100-", "bytes=100-200", "bytes=-0"] {
            assert_eq!(of(Some(range), None), Part::Nothing, "{range}");
        }
    }

    #[test]
    fn what_is_no_single_range_gives_the_whole_file() {
        let many = vec!["0-1"; 500].join(",");
        for range in [
            "bytes=0-1,4-5",
            "bytes=5-1",
            "lines=1-2",
            "bytes=",
            "",
            "bytes=a-b",
            "bytes=+1-2",
            &format!("bytes={many}"),
        ] {
            assert_eq!(of(Some(range), None), Part::Whole, "{range}");
        }
        assert_eq!(of(None, None), Part::Whole);
    }

    #[test]
    fn a_part_belongs_to_the_file_its_reader_knows() {
        assert_eq!(of(Some("bytes=0-3"), Some("\"a.b\"")), Part::Of(0..4));
        for other in ["\"a.c\"", "W/\"a.b\"", "\"a\"", "Sun, 22 Nov 2026 10:00:00 GMT"] {
            assert_eq!(of(Some("bytes=0-3"), Some(other)), Part::Whole, "{other}");
        }
    }
}
