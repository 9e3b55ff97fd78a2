//! One line of Stooq's CSV.

use chrono::NaiveDate;

use crate::settings::iso_day;
use crate::stock::bar::{Bar, Rejection, Row};

/// Date and four prices; the volume may be absent, also as a field.
const WITHOUT_VOLUME: usize = 5;
const WITH_VOLUME: usize = 6;

/// # Errors
/// The line as a rejection, when it is no row.
pub(super) fn read(line: &str) -> Result<Row, Rejection> {
    let fields: Vec<_> = line.split(',').map(str::trim).collect();
    let date = fields.first().and_then(|text| date(text));
    let raw = || line.chars().take(256).collect();
    let rejection = |reason: String| Rejection { date, bar: None, raw: raw(), reason, decided: None };
    if !(WITHOUT_VOLUME..=WITH_VOLUME).contains(&fields.len()) {
        return Err(rejection(format!("{} fields instead of 5 or 6", fields.len())));
    }
    let Some(day) = date else { return Err(rejection("the date cannot be read".to_owned())) };
    let mut numbers = [None; 5];
    for (number, text) in numbers.iter_mut().zip(&fields[1..]) {
        *number = self::number(text).map_err(|()| rejection(format!("{text:.32} is no number")))?;
    }
    let [open, high, low, close, volume] = numbers;
    Ok(Row { bar: Bar { date: day, open, high, low, close, volume }, raw: line.to_owned() })
}

/// `2024-01-31` or `20240131`.
fn date(text: &str) -> Option<NaiveDate> {
    let compact = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    if compact { NaiveDate::parse_from_str(text, "%Y%m%d").ok() } else { iso_day(text) }
}

/// Volumes may be fractional, since they are adjusted; nothing and `N/D` are no value.
fn number(text: &str) -> Result<Option<f64>, ()> {
    match text {
        "" | "-" | "N/D" => Ok(None),
        text => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Some).ok_or(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::sources::testing::{day, values};

    #[test]
    fn five_and_six_fields_are_rows_and_volumes_may_be_fractional() {
        let six = read("2024-01-31,10.5,11,10,10.75,64434063.024741").unwrap();
        let numbers = [Some(10.5), Some(11.0), Some(10.0), Some(10.75), Some(64_434_063.024_741)];
        assert_eq!((six.bar.date, values(&six.bar)), (day("2024-01-31"), numbers));
        let five = read("20240131,10.5,11,10,10.75").unwrap();
        assert_eq!((five.bar.date, five.bar.volume), (day("2024-01-31"), None));
        assert_eq!(read("2024-01-31,10,11,10,10,").unwrap().bar.volume, None);
    }

    #[test]
    fn what_is_no_row_is_kept_with_its_reason() {
        for (line, reason) in [
            ("2024-01-31,10,11,10", "4 fields instead of 5 or 6"),
            ("31.01.2024,10,11,10,10,5", "the date cannot be read"),
            ("2024-02-30,10,11,10,10,5", "the date cannot be read"),
            ("2024-01-31,10,x,10,10,5", "x is no number"),
            ("2024-01-31,10,inf,10,10,5", "inf is no number"),
        ] {
            let rejection = read(line).unwrap_err();
            assert_eq!((rejection.raw.as_str(), rejection.reason.as_str()), (line, reason));
        }
    }
}
