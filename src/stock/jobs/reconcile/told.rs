//! What a comparison came to, as a sentence. Pure.

use crate::stock::{
    overlap::{Stretch, StretchKind},
    store::differences::Step,
};

/// Stretches told one by one.
const TOLD: usize = 3;

/// `18 of 60 sessions differ from yahoo, 2019-03-11 to 2019-04-11`
#[must_use]
pub fn told(found: &[Stretch], compared: usize, source: &str, steps: &[Step]) -> String {
    let gone = steps.iter().filter(|step| matches!(step, Step::Close { .. })).count();
    let mut text = match found {
        [] => format!("{compared} sessions agree with {source}"),
        found => differing(found, compared, source),
    };
    match gone {
        0 => {}
        1 => text.push_str("; 1 difference found before is gone"),
        gone => text.push_str(&format!("; {gone} differences found before are gone")),
    }
    text
}

/// A rebased history is told by itself: nearly all of its sessions differ, which says nothing of single prices.
fn differing(found: &[Stretch], compared: usize, source: &str) -> String {
    let (ratio, other): (Vec<&Stretch>, Vec<&Stretch>) =
        found.iter().partition(|stretch| stretch.kind == StretchKind::Ratio);
    let mut parts = Vec::new();
    if !other.is_empty() {
        let sessions: usize = other.iter().map(|stretch| stretch.sessions).sum();
        parts.push(format!("{sessions} of {compared} sessions differ from {source}, {}", ranges(&other)));
    }
    if !ratio.is_empty() {
        parts.push(format!("prices are a constant times those of {source}, {}", ranges(&ratio)));
    }
    parts.join("; ")
}

/// The longest first.
fn ranges(stretches: &[&Stretch]) -> String {
    let mut by_length = stretches.to_vec();
    by_length.sort_by_key(|stretch| (std::cmp::Reverse(stretch.sessions), stretch.days.from));
    let range = |stretch: &&Stretch| match stretch.days {
        days if days.from == days.to => days.from.to_string(),
        days => format!("{} to {}", days.from, days.to),
    };
    let told: Vec<String> = by_length.iter().take(TOLD).map(range).collect();
    match by_length.len().saturating_sub(TOLD) {
        0 => told.join(", "),
        more => format!("{} and {more} more", told.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::bar::Days;

    fn stretch(kind: StretchKind, from: &str, to: &str, sessions: usize) -> Stretch {
        let days = Days { from: from.parse().unwrap(), to: to.parse().unwrap() };
        Stretch { kind, days, sessions, worst: 0.0, stored: None, other: None }
    }

    #[test]
    fn it_says_how_many_sessions_differ_and_where() {
        let long = stretch(StretchKind::Price, "2019-03-11", "2019-04-11", 18);
        assert_eq!(
            told(std::slice::from_ref(&long), 60, "yahoo", &[]),
            "18 of 60 sessions differ from yahoo, 2019-03-11 to 2019-04-11"
        );
        let days = ["2017-01-30", "2017-02-06", "2017-02-13"];
        let mut many: Vec<Stretch> = days.iter().map(|day| stretch(StretchKind::MissingHere, day, day, 1)).collect();
        many.push(long);
        let expected =
            "21 of 600 sessions differ from yahoo, 2019-03-11 to 2019-04-11, 2017-01-30, 2017-02-06 and 1 more";
        assert_eq!(told(&many, 600, "yahoo", &[]), expected);
    }

    #[test]
    fn a_rebased_history_and_what_is_gone_are_told_apart() {
        let ratio = stretch(StretchKind::Ratio, "2016-02-05", "2024-12-24", 2000);
        let steps = [Step::Close { id: "a".into() }];
        let expected = "prices are a constant times those of yahoo, 2016-02-05 to 2024-12-24; \
                        1 difference found before is gone";
        assert_eq!(told(&[ratio], 2100, "yahoo", &steps), expected);
        assert_eq!(told(&[], 60, "kabutan", &[]), "60 sessions agree with kabutan");
    }
}
