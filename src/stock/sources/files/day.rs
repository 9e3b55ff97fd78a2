//! The day of a row, in the spellings of the layouts.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};

use crate::{settings::iso_day, stock::calendar::Market};

/// How a layout writes days beside `2024-01-31`, `20240131` and `2024/01/31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    Plain,
    /// With a time of day and an offset, or as Americans write it: `1/31/2024`.
    Yahoo,
}

/// The trading day of a cell. An instant is a day in the market's zone.
pub(super) fn day(text: &str, spelling: Spelling, market: Market) -> Option<NaiveDate> {
    let all = |format| NaiveDate::parse_from_str(text, format).ok();
    match text.len() {
        8 if text.bytes().all(|byte| byte.is_ascii_digit()) => all("%Y%m%d"),
        10 if text.as_bytes()[4] == b'-' => iso_day(text),
        8..=10 if text.as_bytes()[4] == b'/' && text.bytes().take(4).all(|byte| byte.is_ascii_digit()) => {
            all("%Y/%m/%d")
        }
        _ if spelling == Spelling::Plain => None,
        8..=10 => all("%m/%d/%Y"),
        11.. => of_instant(text, market),
        _ => None,
    }
}

/// Yahoo's daily rows carry the midnight of the exchange; another time of day is an instant.
fn of_instant(text: &str, market: Market) -> Option<NaiveDate> {
    let (date, time) = text.split_at_checked(10)?;
    let date: NaiveDate = date.parse().ok()?;
    let time = time.trim_start_matches(['T', ' ']);
    if let Some(rest) = time.strip_prefix("00:00:00") {
        let midnight = rest.is_empty() || rest == "Z" || rest.starts_with(['+', '-', '.']);
        let utc = rest == "Z" || rest == "+00:00";
        if midnight && !utc {
            return Some(date);
        }
    }
    let time = if time.ends_with('Z') { time.replace('Z', "+00:00") } else { time.to_owned() };
    let instant: DateTime<FixedOffset> = DateTime::parse_from_rfc3339(&format!("{date}T{time}")).ok()?;
    if instant.time() == NaiveTime::MIN {
        return Some(date);
    }
    Some(instant.with_timezone(&market.zone()).date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, spelling: Spelling) -> Option<String> {
        day(text, spelling, Market::Tokyo).map(|day| day.to_string())
    }

    #[test]
    fn every_spelling_is_the_day_it_means() {
        for text in ["2024-01-31", "20240131", "2024/01/31", "2024/1/31"] {
            assert_eq!(read(text, Spelling::Plain).as_deref(), Some("2024-01-31"), "{text}");
        }
        for text in [
            "1/31/2024",
            "2024-01-31 00:00:00+09:00",
            "2024-01-31T00:00:00+09:00",
            "2024-01-31 00:00:00",
            "2024-01-30 15:00:00+00:00",
            "2024-01-31T00:00:00Z",
            "2024-01-31 15:00:00+09:00",
        ] {
            assert_eq!(read(text, Spelling::Yahoo).as_deref(), Some("2024-01-31"), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in ["", "2024-02-30", "31.01.2024", "1/31/2024", "2024-01-31 00:00:00", "20240230", "日本日本"] {
            assert_eq!(read(text, Spelling::Plain), None, "{text}");
        }
        for text in ["13/31/2024", "2024-01-31 25:00:00+09:00", "2024-01-31 noon", "日本日本日本日本日本日本"]
        {
            assert_eq!(read(text, Spelling::Yahoo), None, "{text}");
        }
    }
}
