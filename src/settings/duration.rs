//! Durations as people write them: `25s`, `2h`, `500ms`, `90d`, `1h 30m`.

use std::time::Duration;

use super::problem::{Wrong, shown};

/// Units and their length in milliseconds, longest first.
const UNITS: [(&str, u64); 6] =
    [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Longer ones overflow calendars further down.
const LONGEST: Duration = Duration::from_hours(100 * 366 * 24);

/// Whole numbers with a unit (`ms`, `s`, `m`, `h`, `d`, `w`), one or several, added up.
///
/// # Errors
/// When a number or a unit is missing or unknown, or the sum is over a hundred years.
pub fn parse_duration(text: &str) -> Result<Duration, Wrong> {
    sum(text.trim()).ok_or_else(|| {
        Wrong::new(
            format!("{} is no duration", shown(text)),
            "write whole numbers with the unit ms, s, m, h, d or w, such as \"500ms\", \"30s\" or \"1h 30m\"",
        )
    })
}

fn sum(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let (number, after) = split(rest, |c| c.is_ascii_digit());
        let (unit, after) = split(after.trim_start(), |c| c.is_ascii_alphabetic());
        let (_, length) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let millis = number.parse::<u64>().ok()?.checked_mul(*length)?;
        total = total.checked_add(Duration::from_millis(millis))?;
        rest = after.trim_start();
    }
    (!text.is_empty() && total <= LONGEST).then_some(total)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// The shortest text that [`parse_duration`] reads as the same duration, in whole milliseconds.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut parts = Vec::new();
    // Weeks are read but not written: 90d is plainer than 12w 6d.
    for (unit, length) in &UNITS[1..] {
        if rest >= *length {
            parts.push(format!("{}{unit}", rest / length));
            rest %= length;
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        let cases = [("25s", 25_000), ("2h", 7_200_000), ("500ms", 500), ("90d", 7_776_000_000), ("0s", 0)];
        for (text, millis) in cases {
            assert_eq!(parse_duration(text).unwrap(), Duration::from_millis(millis), "{text}");
        }
        for text in ["1h 30m", "1h30m", " 90 m ", "5400s"] {
            assert_eq!(parse_duration(text).unwrap(), Duration::from_mins(90), "{text}");
        }
        assert_eq!(parse_duration("1w").unwrap(), Duration::from_hours(168));
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for text in ["", " ", "25", "s", "1.5h", "-3s", "2 hours", "3s,", "99999999999999999999d", "999999999999d"] {
            let wrong = parse_duration(text).unwrap_err();
            assert!(wrong.right.contains("1h 30m"), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for millis in [0, 1, 999, 1_000, 90_000, 5_400_000, 86_400_000, 7_776_000_000, 90_061_001] {
            let duration = Duration::from_millis(millis);
            assert_eq!(parse_duration(&format_duration(duration)).unwrap(), duration);
        }
        assert_eq!(format_duration(Duration::from_mins(90)), "1h 30m");
    }
}
