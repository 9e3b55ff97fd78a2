//! Days as people and files write them.

use chrono::NaiveDate;

/// A day as `YYYY-MM-DD`, four digits for the year and two for the rest: nothing else that a calendar could make sense
/// of, such as `-025-12-30`.
#[must_use]
pub fn iso_day(text: &str) -> Option<NaiveDate> {
    let is_form =
        |(place, byte): (usize, u8)| if matches!(place, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    (text.len() == 10 && text.bytes().enumerate().all(is_form)).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ten_characters_of_a_day_are_one() {
        assert_eq!(iso_day("2026-11-20"), NaiveDate::from_ymd_opt(2026, 11, 20));
        for text in
            ["", "2026-02-30", "-025-12-30", "+026-01-05", "12026-01-05", "2026-1-005", "2026-01-0١", "20260105"]
        {
            assert_eq!(iso_day(text), None, "{text}");
        }
    }
}
