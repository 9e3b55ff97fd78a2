//! How pages write instants, durations and numbers.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use maud::{Markup, html};

use super::super::runs::path;
use crate::jobs::{Run, RunId};

/// A state as a coloured word; the word is also the class.
pub fn state(word: &str) -> Markup {
    html! { span class={ "state " (word) } { (word.replace('_', " ")) } }
}

/// An instant in UTC, with how far away it is beneath.
pub fn instant(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Markup {
    html! {
        @if let Some(at) = at {
            time datetime=(at.to_rfc3339_opts(SecondsFormat::Secs, true)) { (at.format("%Y-%m-%d %H:%M:%S")) }
            small { (away(at - now)) }
        } @else { span.quiet { "–" } }
    }
}

fn away(span: TimeDelta) -> String {
    match span.num_seconds() {
        -1..=1 => "now".to_owned(),
        seconds if seconds < 0 => format!("{} ago", length(-span)),
        _ => format!("in {}", length(span)),
    }
}

/// A duration in at most two units: `850 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`.
pub fn length(span: TimeDelta) -> String {
    let (millis, seconds) = (span.num_milliseconds().max(0), span.num_seconds().max(0));
    match seconds {
        0 => format!("{millis} ms"),
        1..=9 => format!("{}.{} s", seconds, millis / 100 % 10),
        10..=59 => format!("{seconds} s"),
        60..=3599 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..=86_399 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// How long a run took, or has taken so far.
pub fn duration(run: &Run, now: DateTime<Utc>) -> String {
    run.started_at.map_or_else(|| "–".to_owned(), |started| length(run.finished_at.unwrap_or(now) - started))
}

/// A number in groups of three: `1 234 567`, with thin spaces that do not break.
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).unwrap_or("")).collect();
    groups.join("\u{202f}")
}

/// A link to a run by the end of its id, which tells runs apart better than its beginning, the time.
pub fn run_link(id: &RunId) -> Markup {
    let text = id.as_str();
    html! { a.mono href=(path(id)) { (text.get(text.len().saturating_sub(8)..).unwrap_or(text)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_at_most_two_units() {
        for (millis, text) in [
            (0, "0 ms"),
            (850, "850 ms"),
            (4_249, "4.2 s"),
            (59_999, "59 s"),
            (185_000, "3 min 5 s"),
            (7_800_000, "2 h 10 min"),
            (356_400_000, "4 d 3 h"),
        ] {
            assert_eq!(length(TimeDelta::milliseconds(millis)), text);
        }
        assert_eq!(away(TimeDelta::seconds(-90)), "1 min 30 s ago");
        assert_eq!(away(TimeDelta::seconds(90)), "in 1 min 30 s");
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
