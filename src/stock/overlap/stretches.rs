//! Where a stored series and another source's differ, as stretches of sessions.
//!
//! Which of the two is right cannot be told here, and nothing is changed for it.

use chrono::NaiveDate;

use super::{
    agreement::{agree_within, prices},
    rebasing::{AT_LEAST, NO_CHANGE, SPREAD},
    regime::usual,
};
use crate::stock::bar::{Bar, Days};

/// So many agreeing sessions between two differing ones do not end a stretch: a source that was wrong for a month had
/// single days right.
const BRIDGED: usize = 2;

/// A volume this much off the usual ratio, as a part of it, is no rounding. Sources count volumes differently, so it
/// proves nothing by itself; next to differing prices it shows how far the wrong stretch reaches.
const VOLUME_OFF: f64 = 0.1;

/// How two series differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StretchKind {
    /// Both have prices, and these are others.
    Price,
    /// Only the other source has prices.
    MissingHere,
    /// Only we have prices.
    MissingThere,
    /// All prices are the stored ones times a constant: one of the two is not adjusted for a split.
    Ratio,
}

impl StretchKind {
    pub const ALL: [Self; 4] = [Self::Price, Self::MissingHere, Self::MissingThere, Self::Ratio];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::MissingHere => "missing_here",
            Self::MissingThere => "missing_there",
            Self::Ratio => "ratio",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Sessions that differ in the same way.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    pub kind: StretchKind,
    /// From the first differing session to the last.
    pub days: Days,
    /// How many of them differ.
    pub sessions: usize,
    /// The greatest difference of a price, as a part of the stored one; 0 where one side has none.
    pub worst: f64,
    /// The first differing session as it is stored and as the other source gives it.
    pub stored: Option<Bar>,
    pub other: Option<Bar>,
}

/// Compares both series on these sessions; all three ascending. `tolerance` is the part of a price that two sources may
/// be apart besides their rounding. The stretches come in the order of their first days.
#[must_use]
pub fn stretches(sessions: &[NaiveDate], stored: &[Bar], other: &[Bar], tolerance: f64) -> Vec<Stretch> {
    let pairs = paired(sessions, stored, other);
    let ratios = usual(&both(&pairs, |bar| bar.close));
    let volumes = both(&pairs, |bar| bar.volume);
    let mut findings: Vec<Finding> = pairs
        .iter()
        .zip(ratios)
        .zip(volumes.iter().zip(usual(&volumes)))
        .map(|((pair, ratio), volume)| finding(pair, ratio, volume, tolerance))
        .collect();
    without_chance_ratios(&mut findings);
    let mut found: Vec<Stretch> =
        StretchKind::ALL.into_iter().flat_map(|kind| of_kind(kind, &pairs, &findings)).collect();
    found.sort_by_key(|stretch| (stretch.days.from, stretch.kind));
    found
}

/// A session as both have it, where they have it.
#[derive(Clone, Copy, Debug)]
struct Pair {
    date: NaiveDate,
    stored: Option<Bar>,
    other: Option<Bar>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Finding {
    Agrees,
    /// Only the volume is off.
    Doubtful,
    Differs(StretchKind, f64),
    /// The ratio, and whether the volume is off.
    Rebased(f64, bool),
    /// The other prices differ, also from the usual ratio; it goes on around them.
    WrongWithin(f64, f64),
}

fn paired(sessions: &[NaiveDate], stored: &[Bar], other: &[Bar]) -> Vec<Pair> {
    let on = |bars: &[Bar], date: NaiveDate| {
        bars.binary_search_by_key(&date, |bar| bar.date).ok().and_then(|index| bars.get(index).copied())
    };
    sessions.iter().map(|&date| Pair { date, stored: on(stored, date), other: on(other, date) }).collect()
}

/// The other's value divided by the stored one, where both are.
fn both(pairs: &[Pair], value: impl Fn(&Bar) -> Option<f64>) -> Vec<Option<f64>> {
    let of = |bar: &Option<Bar>| bar.as_ref().and_then(&value).filter(|value| *value > 0.0);
    pairs.iter().map(|pair| Some(of(&pair.other)? / of(&pair.stored)?)).collect()
}

fn finding(pair: &Pair, ratio: Option<f64>, volume: (&Option<f64>, Option<f64>), tolerance: f64) -> Finding {
    let traded = |bar: Option<Bar>| bar.filter(|bar| bar.close.is_some());
    let (old, new) = match (traded(pair.stored), traded(pair.other)) {
        (None, None) => return Finding::Agrees,
        (None, Some(_)) => return Finding::Differs(StretchKind::MissingHere, 0.0),
        (Some(_), None) => return Finding::Differs(StretchKind::MissingThere, 0.0),
        (Some(old), Some(new)) => (old, new),
    };
    let off = matches!(volume, (Some(this), Some(usual)) if (this / usual - 1.0).abs() > VOLUME_OFF);
    if agree_within(&old, &new, 1.0, tolerance) {
        return if off { Finding::Doubtful } else { Finding::Agrees };
    }
    let ratio = ratio.filter(|ratio| (ratio - 1.0).abs() > NO_CHANGE);
    let Some(ratio) = ratio else { return Finding::Differs(StretchKind::Price, worst(&old, &new)) };
    if agree_within(&old, &new, ratio, tolerance) {
        Finding::Rebased(ratio, off)
    } else {
        Finding::WrongWithin(ratio, worst(&scaled(&old, ratio), &new))
    }
}

fn scaled(bar: &Bar, ratio: f64) -> Bar {
    let price = |value: Option<f64>| value.map(|value| value * ratio);
    Bar { open: price(bar.open), high: price(bar.high), low: price(bar.low), close: price(bar.close), ..*bar }
}

fn worst(old: &Bar, new: &Bar) -> f64 {
    let differences = prices(old).into_iter().zip(prices(new)).filter_map(|(a, b)| Some((b? / a? - 1.0).abs()));
    differences.filter(|part| part.is_finite()).fold(0.0, f64::max)
}

/// Too few sessions cannot show that a ratio is constant: their prices differ, that is all.
fn without_chance_ratios(findings: &mut [Finding]) {
    let few: Vec<Vec<Member>> = groups(StretchKind::Ratio, findings)
        .into_iter()
        .filter(|group| group.iter().filter(|member| member.proves).count() < AT_LEAST)
        .collect();
    for member in few.into_iter().flatten() {
        if let Some(found) = findings.get_mut(member.index) {
            let part = match *found {
                Finding::WrongWithin(ratio, part) => (ratio - 1.0).abs().max(part),
                _ => member.worst,
            };
            *found = Finding::Differs(StretchKind::Price, part);
        }
    }
}

/// The stretches of one kind. Kinds do not interrupt one another: a wrong session within a rebased history ends neither.
fn of_kind(kind: StretchKind, pairs: &[Pair], findings: &[Finding]) -> Vec<Stretch> {
    groups(kind, findings).into_iter().filter_map(|group| stretch(kind, pairs, &trimmed(group))).collect()
}

fn groups(kind: StretchKind, findings: &[Finding]) -> Vec<Vec<Member>> {
    let mut groups: Vec<Vec<Member>> = Vec::new();
    for (index, found) in findings.iter().enumerate() {
        let Some(member) = Member::of(kind, index, *found) else { continue };
        match groups.last_mut().filter(|group| group.last().is_some_and(|last| last.is_followed_by(&member))) {
            Some(group) => group.push(member),
            None => groups.push(vec![member]),
        }
    }
    groups
}

/// A session that belongs to a stretch of a kind.
#[derive(Clone, Copy, Debug)]
struct Member {
    index: usize,
    /// Differs by itself.
    proves: bool,
    ratio: Option<f64>,
    worst: f64,
}

impl Member {
    fn of(kind: StretchKind, index: usize, found: Finding) -> Option<Self> {
        let member = |proves, ratio, worst| Some(Self { index, proves, ratio, worst });
        match (kind, found) {
            (StretchKind::Ratio, Finding::Rebased(ratio, _)) => member(true, Some(ratio), (ratio - 1.0).abs()),
            (StretchKind::Ratio, Finding::WrongWithin(ratio, _)) => member(false, Some(ratio), 0.0),
            (StretchKind::Price, Finding::WrongWithin(_, worst)) => member(true, None, worst),
            (StretchKind::Price, Finding::Doubtful | Finding::Rebased(_, true)) => member(false, None, 0.0),
            (kind, Finding::Differs(of, worst)) if of == kind => member(true, None, worst),
            _ => None,
        }
    }

    fn is_followed_by(&self, next: &Self) -> bool {
        let same_ratio = match (self.ratio, next.ratio) {
            (Some(this), Some(next)) => (this / next - 1.0).abs() <= SPREAD,
            _ => true,
        };
        same_ratio && next.index - self.index <= BRIDGED + 1
    }
}

/// Without sessions at the ends that prove nothing and are not next to one that belongs to the stretch.
fn trimmed(mut group: Vec<Member>) -> Vec<Member> {
    let apart = |outer: &Member, inner: &Member| !outer.proves && outer.index.abs_diff(inner.index) > 1;
    while group.len() > 1 && apart(&group[0], &group[1]) {
        group.remove(0);
    }
    while group.len() > 1 && apart(&group[group.len() - 1], &group[group.len() - 2]) {
        group.pop();
    }
    group
}

fn stretch(kind: StretchKind, pairs: &[Pair], group: &[Member]) -> Option<Stretch> {
    if !group.iter().any(|member| member.proves) {
        return None;
    }
    let (first, last) = (pairs.get(group.first()?.index)?, pairs.get(group.last()?.index)?);
    Some(Stretch {
        kind,
        days: Days { from: first.date, to: last.date },
        sessions: group.len(),
        worst: group.iter().map(|member| member.worst).fold(0.0, f64::max),
        stored: first.stored,
        other: first.other,
    })
}

#[cfg(test)]
#[path = "stretches_tests.rs"]
mod tests;
