//! Whether fetched closes are the stored ones in another unit: after a split every earlier price is divided by it.

use chrono::NaiveDate;

use super::agreement::{rounding, within};
use crate::stock::bar::Bar;

/// Fewer sessions than this cannot show that a ratio is constant.
pub(super) const AT_LEAST: usize = 3;

/// A ratio nearer to 1 than this is no split: the smallest on record is 21 shares for 20, a change of 5 %.
pub(super) const NO_CHANGE: f64 = 0.005;

/// How far a close may be from the common ratio, as a part of it, besides the rounding of both prices.
pub(super) const SPREAD: f64 = 2e-3;

/// A session's close as stored and as fetched, and whether its whole bar agrees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) date: NaiveDate,
    pub(super) old: f64,
    pub(super) new: f64,
    pub(super) agrees: bool,
}

/// The constant ratio of fetched to stored closes, if there is one that is not 1, and the last session that follows it.
///
/// Sessions at the end may agree as they are: a source that rebases its history only the day after a split gives
/// the session of the split itself in the new unit both times.
pub(super) fn ratio(pairs: &[Pair]) -> Option<(f64, NaiveDate)> {
    let agreeing_end = pairs.iter().rev().take_while(|pair| pair.agrees).count();
    let rebased = &pairs[..pairs.len() - agreeing_end];
    if rebased.len() < AT_LEAST {
        return None;
    }
    let mut ratios: Vec<f64> = rebased.iter().map(|pair| pair.new / pair.old).collect();
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    let usable = median.is_finite() && median > 0.0 && !within(median, 1.0, NO_CHANGE);
    (usable && rebased.iter().all(|pair| follows(*pair, median))).then_some((median, rebased.last()?.date))
}

/// Whether most closes are the same number: then the two are prices of one basis, however many of them are misread.
/// Without a common close nothing speaks against it.
#[must_use]
pub fn are_of_one_unit(stored: &[Bar], fetched: &[Bar]) -> bool {
    let close_of = |day| stored.binary_search_by_key(&day, |bar: &Bar| bar.date).ok().and_then(|at| stored[at].close);
    let pairs = fetched.iter().filter_map(|bar| Some((close_of(bar.date)?, bar.close?)));
    let near: Vec<bool> = pairs.map(|(old, new)| within(new / old, 1.0, NO_CHANGE)).collect();
    near.iter().filter(|near| **near).count() * 2 >= near.len()
}

fn follows(pair: Pair, ratio: f64) -> bool {
    let expected = pair.old * ratio;
    within(pair.new, expected, SPREAD * expected + rounding(pair.new) + ratio * rounding(pair.old))
}
