//! What a comparison means for the differences known before. Pure.

use std::collections::HashSet;

use crate::stock::{
    bar::Days,
    overlap::Stretch,
    store::differences::{Known, Step},
};

/// The steps from what is known and open to what was found on the compared days. A stretch that was found before is
/// brought up to date and not recorded twice; one that lies within the compared days and was not found is closed. Of
/// one that reaches beyond them the part outside stays as it was.
#[must_use]
pub fn settle(known: &[Known], found: &[Stretch], compared: Days) -> Vec<Step> {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut steps = Vec::new();
    for stretch in found {
        let same = |known: &&Known| {
            known.kind == stretch.kind && overlap(known.days, stretch.days) && !seen.contains(known.id.as_str())
        };
        match known.iter().find(same) {
            Some(same) => {
                seen.insert(&same.id);
                steps.push(renewed(same, stretch, compared));
            }
            None => steps.push(Step::Add(stretch.clone())),
        }
    }
    let gone = |known: &&Known| !seen.contains(known.id.as_str()) && within(known.days, compared);
    steps.extend(known.iter().filter(gone).map(|known| Step::Close { id: known.id.clone() }));
    steps
}

fn renewed(known: &Known, stretch: &Stretch, compared: Days) -> Step {
    let (before, after) = (known.days.from < compared.from, known.days.to > compared.to);
    let days = Days {
        from: if before { known.days.from } else { stretch.days.from },
        to: if after { known.days.to } else { stretch.days.to },
    };
    let partly = before || after;
    let renewed = Stretch {
        days,
        // Of the part outside nobody knows more than before.
        sessions: if partly { stretch.sessions.max(known.sessions) } else { stretch.sessions },
        worst: if partly { stretch.worst.max(known.worst) } else { stretch.worst },
        ..stretch.clone()
    };
    Step::Renew { id: known.id.clone(), stretch: renewed, first_stays: before }
}

fn overlap(a: Days, b: Days) -> bool {
    a.from <= b.to && b.from <= a.to
}

fn within(inner: Days, outer: Days) -> bool {
    outer.from <= inner.from && inner.to <= outer.to
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::overlap::StretchKind;

    fn days(from: &str, to: &str) -> Days {
        Days { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn known(id: &str, days: Days) -> Known {
        Known { id: id.to_owned(), kind: StretchKind::Price, days, sessions: 5, worst: 0.5 }
    }

    fn stretch(kind: StretchKind, days: Days) -> Stretch {
        Stretch { kind, days, sessions: 3, worst: 0.1, stored: None, other: None }
    }

    /// Each step as a word.
    fn told(known: &[Known], found: &[Stretch], compared: Days) -> Vec<String> {
        let word = |step: Step| match step {
            Step::Add(s) => format!("add {} to {}", s.days.from, s.days.to),
            Step::Renew { id, stretch: s, first_stays } => {
                format!("renew {id} {} to {}, {} sessions, {first_stays}", s.days.from, s.days.to, s.sessions)
            }
            Step::Close { id } => format!("close {id}"),
        };
        settle(known, found, compared).into_iter().map(word).collect()
    }

    #[test]
    fn what_is_found_again_is_renewed_and_what_is_gone_is_closed() {
        let year = days("2019-01-04", "2019-12-30");
        let price = |from, to| stretch(StretchKind::Price, days(from, to));
        let before = [known("a", days("2019-03-11", "2019-04-11")), known("b", days("2019-06-03", "2019-06-04"))];
        let found = [price("2019-03-12", "2019-04-10"), price("2019-09-02", "2019-09-02")];
        let expected =
            ["renew a 2019-03-12 to 2019-04-10, 3 sessions, false", "add 2019-09-02 to 2019-09-02", "close b"];
        assert_eq!(told(&before, &found, year), expected);
        assert_eq!(told(&before, &[], year), ["close a", "close b"]);
        let ratio = stretch(StretchKind::Ratio, days("2019-03-11", "2019-04-11"));
        assert_eq!(told(&before[..1], &[ratio], year), ["add 2019-03-11 to 2019-04-11", "close a"]);
    }

    #[test]
    fn what_lies_outside_the_compared_days_stays_as_it_was() {
        let before = [known("a", days("2019-03-11", "2019-04-11"))];
        let late = days("2019-04-01", "2019-06-28");
        assert!(told(&before, &[], late).is_empty(), "a part of it was not looked at");
        assert!(told(&before, &[], days("2020-01-06", "2020-06-30")).is_empty());
        let found = [stretch(StretchKind::Price, days("2019-04-01", "2019-04-11"))];
        assert_eq!(told(&before, &found, late), ["renew a 2019-03-11 to 2019-04-11, 5 sessions, true"]);
    }

    #[test]
    fn a_stretch_that_fell_into_two_is_one_renewed_and_one_new_and_two_that_became_one_the_reverse() {
        let year = days("2019-01-04", "2019-12-30");
        let (first, second) = (days("2019-03-11", "2019-03-15"), days("2019-04-01", "2019-04-11"));
        let whole = days("2019-03-11", "2019-04-11");
        let both = [stretch(StretchKind::Price, first), stretch(StretchKind::Price, second)];
        let steps = told(&[known("a", whole)], &both, year);
        assert!(steps[0].starts_with("renew a 2019-03-11 to 2019-03-15") && steps[1].starts_with("add 2019-04-01"));
        let steps = told(&[known("a", first), known("b", second)], &[stretch(StretchKind::Price, whole)], year);
        assert!(steps[0].starts_with("renew a 2019-03-11 to 2019-04-11") && steps[1] == "close b", "{steps:?}");
    }
}
