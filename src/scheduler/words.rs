//! A schedule as a sentence.
//!
//! Own words, as croner's describe their pattern from flags: `*/45` is no "every 45 minutes", and `*/20,5` is not
//! "every 20 minutes". Here a phrase stands only for the very values it names, and other values are listed.

mod days;
mod jitter;
mod times;

use super::schedule::Schedule;
use times::Times;

impl Schedule {
    /// One English sentence without capital and full stop, such as `at 18:00 from Monday to Friday, Asia/Tokyo time`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let pattern = &self.cron.pattern;
        let Times { mut words, daily, zoned } = Times::of(pattern);
        let days = days::in_words(pattern);
        if let Some(days) = &days.days {
            words.push_str(&format!(" {days}"));
        } else if daily {
            words.push_str(" every day");
        }
        if let Some(months) = &days.months {
            // "on Monday, in January", but "every day in January".
            let comma = if days.days.is_some() { "," } else { "" };
            words.push_str(&format!("{comma} {months}"));
        }
        if zoned || days.days.is_some() || days.months.is_some() {
            let zone = self.zone.name();
            words.push_str(&if zone == "UTC" { ", UTC".to_owned() } else { format!(", {zone} time") });
        }
        if !self.offset.is_zero() {
            words.push_str(&format!(", plus {}", jitter::in_words(self.offset)));
        }
        words
    }
}

/// `a`, `a and b`, `a, b and c`.
fn list(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., end] => format!("{} {last} {end}", front.join(", ")),
    }
}

/// Ascending values as pairs of first and last: three or more that follow one another are one pair.
fn runs(values: &[u16]) -> Vec<(u16, u16)> {
    let follow = values.chunk_by(|a, b| b - a == 1);
    follow
        .flat_map(|run| match run {
            [first, _, .., last] => vec![(*first, *last)],
            few => few.iter().map(|one| (*one, *one)).collect(),
        })
        .collect()
}

/// First, step and last of four or more values that keep one distance.
fn progression(values: &[u16]) -> Option<(u16, u16, u16)> {
    let [first, second, _, .., last] = values else { return None };
    let step = second - first;
    let even = values.len() > 3 && values.windows(2).all(|pair| pair[1] - pair[0] == step);
    even.then_some((*first, step, *last))
}

#[cfg(test)]
mod tests;
