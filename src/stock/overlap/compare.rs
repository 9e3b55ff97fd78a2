//! The finding over all common sessions.

use std::cmp::Ordering;

use chrono::NaiveDate;

use super::agreement::{agree, prices};
use super::natural;
use super::rebasing::{self, Pair};
use crate::stock::bar::Bar;

/// Of the common sessions at most one in so many may differ for the differences to be corrections; one always may.
const FEW: usize = 5;

/// A correction changes no price by more than this factor.
const CORRECTION: f64 = 5.0;

/// What the common sessions say.
#[derive(Clone, Debug, PartialEq)]
pub enum Overlap {
    /// There is no common session, so nothing to judge by.
    Nothing,
    /// All agree: append what is new.
    Equal,
    /// A few single sessions were corrected by the source, ascending.
    Corrections(Vec<Correction>),
    /// Fetched prices are `ratio` times the stored ones up to the session `until`, and agree after it: after a split or
    /// the like. Fetch the whole history.
    Rebased { ratio: f64, until: NaiveDate },
    /// Nothing that can be acted on: quarantine with the reason, overwrite nothing.
    Contradiction { reason: String },
}

/// A session as it is stored and as the source gives it now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correction {
    pub date: NaiveDate,
    pub old: Bar,
    pub new: Bar,
}

/// Compares what was fetched with what is stored; both ascending, one bar per session. Only common sessions count.
///
/// From the same source equal means equal to six digits, from another up to rounding and without the volume. A series
/// of another basis serves only where it is equal: then nothing but equality or contradiction comes out.
#[must_use]
pub fn compare(stored: &[Bar], fetched: &[Bar], same_source: bool, same_basis: bool) -> Overlap {
    let common = common_sessions(stored, fetched);
    if common.is_empty() {
        return Overlap::Nothing;
    }
    let differing: Vec<Correction> = differing_of(&common, same_source);
    let Some(first) = differing.first() else { return Overlap::Equal };
    let mut why = "and the prices are adjusted for something else".to_owned();
    if same_basis {
        let pairs = close_pairs(&common, same_source);
        let leap = natural::leap(&pairs);
        match (leap, rebasing::ratio(&pairs)) {
            (Some(day), _) => why = format!("and from {day} on the fetched prices leap where the stored ones do not"),
            (None, Some((ratio, until))) => return Overlap::Rebased { ratio, until },
            (None, None) if are_corrections(&differing, common.len()) => return Overlap::Corrections(differing),
            (None, None) => why = "neither few corrections nor a constant ratio".to_owned(),
        }
    }
    Overlap::Contradiction { reason: reason(first, differing.len(), common.len(), &why) }
}

/// The common sessions that differ, ascending; both given as for [`compare`].
#[must_use]
pub fn differing(stored: &[Bar], fetched: &[Bar], same_source: bool) -> Vec<Correction> {
    differing_of(&common_sessions(stored, fetched), same_source)
}

fn differing_of(common: &[Correction], same_source: bool) -> Vec<Correction> {
    common.iter().copied().filter(|c| !agree(&c.old, &c.new, same_source)).collect()
}

pub(super) fn common_sessions(stored: &[Bar], fetched: &[Bar]) -> Vec<Correction> {
    let (mut stored, mut fetched) = (stored.iter().peekable(), fetched.iter().peekable());
    let mut common = Vec::new();
    while let (Some(old), Some(new)) = (stored.peek(), fetched.peek()) {
        match old.date.cmp(&new.date) {
            Ordering::Less => drop(stored.next()),
            Ordering::Greater => drop(fetched.next()),
            Ordering::Equal => {
                common.push(Correction { date: old.date, old: **old, new: **new });
                stored.next();
                fetched.next();
            }
        }
    }
    common
}

/// The sessions where both have a close.
fn close_pairs(common: &[Correction], same_source: bool) -> Vec<Pair> {
    let pair = |c: &Correction| {
        let (old, new) = (c.old.close?, c.new.close?);
        Some(Pair { date: c.date, old, new, agrees: agree(&c.old, &c.new, same_source) })
    };
    common.iter().filter_map(pair).collect()
}

fn are_corrections(differing: &[Correction], common: usize) -> bool {
    let few = differing.len() <= (common / FEW).max(1);
    few && differing.iter().all(|c| prices(&c.old).into_iter().zip(prices(&c.new)).all(is_near))
}

/// A price that appears or disappears is near enough: a session turns out to have had trades, or none.
fn is_near(pair: (Option<f64>, Option<f64>)) -> bool {
    match pair {
        (Some(old), Some(new)) => (1.0 / CORRECTION..=CORRECTION).contains(&(new / old)),
        _ => true,
    }
}

fn reason(first: &Correction, differing: usize, common: usize, why: &str) -> String {
    format!(
        "{differing} of {common} common sessions differ, {why}; the first is {}: {} stored, {} fetched",
        first.date,
        in_words(&first.old),
        in_words(&first.new)
    )
}

fn in_words(bar: &Bar) -> String {
    let number = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), |value| value.to_string());
    let [open, high, low, close] = prices(bar).map(number);
    format!("open {open}, high {high}, low {low}, close {close}, volume {}", number(bar.volume))
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
