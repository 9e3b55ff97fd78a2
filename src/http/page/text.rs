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

/// From when on something may happen again; what is over by now, or was never told, is no obstacle.
pub fn not_before(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Markup {
    let ahead = at.filter(|at| *at > now);
    html! { @if ahead.is_some() { (instant(ahead, now)) } @else { "now" } }
}

/// How far away an instant is: `3 min 5 s ago`, `in 2 h 10 min`.
pub fn away(span: TimeDelta) -> String {
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

/// How far a run is: `12 of 34 done, 3 failed`. What failed is not done.
pub fn tasks(run: &Run) -> Markup {
    html! {
        @if run.total == 0 { "–" } @else { (number(run.done.into())) " of " (number(run.total.into())) " done" }
        @if run.failed > 0 { ", " span.error { (number(run.failed.into())) " failed" } }
    }
}

/// A number in groups of three: `1,234,567`.
#[must_use]
pub fn number(number: u64) -> String {
    grouped(&number.to_string())
}

/// The same of a number that is written down already, decimals and all: `-1,234.5`.
#[must_use]
pub fn grouped(number: &str) -> String {
    let start = number.find(|c: char| c.is_ascii_digit()).unwrap_or_default();
    let end = number.find('.').unwrap_or(number.len());
    let is_group = |at: usize| at > start && at < end && (end - at).is_multiple_of(3);
    let digits = number.char_indices().flat_map(|(at, c)| is_group(at).then_some(',').into_iter().chain([c]));
    digits.collect()
}

/// A link to a run by the end of its id, which tells runs apart better than its beginning, the time.
pub fn run_link(id: &RunId) -> Markup {
    let text = id.as_str();
    html! { a.mono href=(path(id)) { (text.get(text.len().saturating_sub(8)..).unwrap_or(text)) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{RunState, TaskState};

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
    fn what_is_over_is_now() {
        let now: DateTime<Utc> = "2026-11-20T09:00:00Z".parse().unwrap();
        for past in [None, Some(now), Some(now - TimeDelta::seconds(97))] {
            assert_eq!(not_before(past, now).into_string(), "now");
        }
        let ahead = not_before(Some(now + TimeDelta::seconds(97)), now).into_string();
        assert!(ahead.contains("2026-11-20 09:01:37") && ahead.contains("in 1 min 37 s"), "{ahead}");
    }

    /// The rules of the style in which a class stands.
    fn rules(class: &str) -> String {
        let style = include_str!("style.css");
        let rules = style.split('}').filter_map(|rule| rule.rsplit_once('{'));
        let of_class = rules.filter(|(classes, _)| classes.split([',', '\n']).any(|c| c.trim() == format!(".{class}")));
        of_class.map(|(_, rule)| rule).collect()
    }

    #[test]
    fn every_state_has_a_look_and_trouble_is_not_told_by_colour_alone() {
        let runs = RunState::ALL.iter().map(|state| state.as_str());
        let tasks = TaskState::ALL.iter().map(|state| state.as_str());
        let sources = ["available", "blocked", "quota", "down"];
        for word in runs.chain(tasks).chain(sources).chain(["active", "paused", "disabled"]) {
            let rules = rules(word);
            let look = match word {
                "failed" | "timed_out" | "lost" | "down" | "blocked" => ["--bad", "--round"],
                "partial" | "cancelling" | "paused" | "quota" => ["--warn", "--cut"],
                "succeeded" | "active" | "available" => ["--good", "--tone"],
                "running" => ["--busy", "--tone"],
                _ => ["--fill", "transparent"],
            };
            assert!(look.iter().all(|part| rules.contains(part)), "{word}: {rules}");
        }
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        for (written, shown) in [("1234.5678", "1,234.5678"), ("-123", "-123"), ("−123456", "−123,456"), ("", "")] {
            assert_eq!(grouped(written), shown);
        }
    }
}
