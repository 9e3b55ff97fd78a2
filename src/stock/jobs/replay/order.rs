//! Which of several archived answers tells of a day, as a pure function: the last one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::stock::{
    bar::Bar,
    overlap::{Overlap, are_of_one_unit, compare},
};

/// How an answer stands to those after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// A later one is of another basis: the history was rebased between them.
    pub outdated: bool,
    /// Its days that a later one tells of as well.
    pub told_later: BTreeSet<NaiveDate>,
}

/// The standing of each of the answers, which are given in the order of their times.
#[must_use]
pub fn standings(answers: &[&[Bar]]) -> Vec<Standing> {
    let mut later: BTreeMap<NaiveDate, Bar> = BTreeMap::new();
    let mut standings: Vec<Standing> = answers.iter().rev().map(|bars| standing(bars, &mut later)).collect();
    standings.reverse();
    standings
}

fn standing(bars: &[Bar], later: &mut BTreeMap<NaiveDate, Bar>) -> Standing {
    let told: Vec<Bar> = later.values().copied().collect();
    let rebased = matches!(compare(&told, bars, true, true), Overlap::Rebased { .. });
    if rebased || !are_of_one_unit(&told, bars) {
        return Standing { outdated: true, told_later: BTreeSet::new() };
    }
    let told_later = bars.iter().map(|bar| bar.date).filter(|day| later.contains_key(day)).collect();
    for bar in bars {
        later.entry(bar.date).or_insert(*bar);
    }
    Standing { outdated: false, told_later }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(days: std::ops::RangeInclusive<u32>, unit: f64) -> Vec<Bar> {
        let bar = |number: u32| {
            let price = Some((100.0 + f64::from(number)) * unit);
            let date = NaiveDate::from_ymd_opt(2026, 1, number).unwrap();
            Bar { date, open: price, high: price, low: price, close: price, volume: None }
        };
        days.map(bar).collect()
    }

    fn told_later(standing: &Standing) -> usize {
        standing.told_later.len()
    }

    #[test]
    fn a_day_is_told_by_the_last_answer_that_has_it() {
        let answers = [bars(1..=10, 1.0), bars(5..=12, 1.0), bars(8..=9, 1.0)];
        let found = standings(&answers.each_ref().map(Vec::as_slice));
        assert_eq!(found.iter().map(told_later).collect::<Vec<_>>(), [6, 2, 0]);
        assert!(found.iter().all(|standing| !standing.outdated));
    }

    #[test]
    fn an_answer_before_a_rebasing_is_outdated_and_one_after_it_is_not() {
        let answers = [bars(1..=10, 3.0), bars(1..=12, 1.0), bars(9..=12, 1.0)];
        let found = standings(&answers.each_ref().map(Vec::as_slice));
        assert_eq!(found.iter().map(|standing| standing.outdated).collect::<Vec<_>>(), [true, false, false]);
        let two_days_in_common = [bars(1..=10, 3.0), bars(9..=12, 1.0)];
        assert!(standings(&two_days_in_common.each_ref().map(Vec::as_slice))[0].outdated);
    }
}
