//! What is kept, replaced and set aside of a history nobody knows the basis of.

use chrono::NaiveDate;

use super::*;
use crate::stock::bar::{Basis, Days};

/// The n-th day of a long list of days.
fn day(n: usize) -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 1, 6).unwrap() + chrono::Days::new(n as u64)
}

/// Prices that go up and down by a few per cent.
fn price(n: usize) -> f64 {
    1000.0 + 30.0 * (n as f64 * 0.7).sin() + n as f64
}

fn bar(n: usize, factor: f64) -> Bar {
    let close = price(n) * factor;
    Bar {
        date: day(n),
        open: Some(close),
        high: Some(close * 1.01),
        low: Some(close * 0.99),
        close: Some(close),
        volume: Some(1000.0 / factor),
    }
}

fn bars(days: impl IntoIterator<Item = usize>, factor: impl Fn(usize) -> f64) -> Vec<Bar> {
    days.into_iter().map(|n| bar(n, factor(n))).collect()
}

fn answer(bars: Vec<Bar>) -> BarBatch {
    let vouched = Days { from: day(0), to: day(500) };
    BarBatch { source: "yahoo", basis: Basis::Split, bars, rejected: Vec::new(), vouched }
}

/// What is stored afterwards, and what became of it.
fn settled(stored: &[Bar], given: &BarBatch) -> (Vec<Bar>, Settled) {
    let (written, settled) = settle(given, stored).unwrap();
    let is_written = |day: NaiveDate| written.binary_search_by_key(&day, |bar| bar.date).is_ok();
    let kept = stored.iter().filter(|bar| !is_written(bar.date) && !settled.left.contains(&bar.date));
    let mut after: Vec<Bar> = written.iter().chain(kept).copied().collect();
    after.sort_by_key(|bar| bar.date);
    (after, settled)
}

#[test]
fn what_agrees_everywhere_stays_and_what_is_new_comes_to_it() {
    let stored = bars((0..60).filter(|n| n % 9 != 0), |_| 1.0);
    let (after, found) = settled(&stored, &answer(bars(0..70, |_| 1.0)));
    assert_eq!(found, Settled { ratio: None, replaced: vec![], left: vec![] });
    assert_eq!(after, bars(0..70, |_| 1.0));
}

#[test]
fn a_constant_ratio_brings_all_of_it_to_the_new_unit_with_what_only_we_have() {
    let stored = bars(0..60, |_| 2.0);
    let (after, found) = settled(&stored, &answer(bars(10..70, |_| 1.0)));
    assert!((found.ratio.unwrap() - 0.5).abs() < 1e-9);
    assert_eq!((found.replaced.len(), found.left.len()), (60, 0));
    assert_eq!((after.len(), after[0].close), (70, Some(price(0))));
}

/// Bars of before each dividend are lower by it, those of Fridays are not, and none is where a source was down.
fn mixed(n: usize) -> f64 {
    if n.is_multiple_of(5) { 1.0 } else { [0.96, 0.98, 1.0][n / 40] }
}

#[test]
fn mixed_bases_are_replaced_by_the_one_of_the_source_and_what_nothing_vouches_for_leaves() {
    let stored = bars(0..120, mixed);
    // The source knows nothing before the 10th day, and has no bar on two more.
    let given = answer(bars((10..130).filter(|n| ![42, 102].contains(n)), |_| 1.0));
    let (after, found) = settled(&stored, &given);
    assert_eq!(found.ratio, None);
    let expected: Vec<NaiveDate> = (0..10).chain([42]).map(day).collect();
    assert_eq!(found.left, expected, "the bar of day 102 lies between agreeing ones");
    assert!(found.replaced.contains(&day(11)) && !found.replaced.contains(&day(10)));
    assert_eq!(after, bars((10..130).filter(|n| *n != 42), |_| 1.0));
}

#[test]
fn a_constant_ratio_up_to_some_day_scales_nothing_behind_it() {
    let stored = bars(0..60, |n| if n < 40 { 0.9 } else { 1.0 });
    let given = answer(bars((0..60).filter(|n| ![20, 50].contains(n)), |_| 1.0));
    let (after, found) = settled(&stored, &given);
    assert_eq!((found.ratio, found.replaced.len(), found.left), (None, 39, vec![day(20)]));
    assert_eq!(after, bars((0..60).filter(|n| *n != 20), |_| 1.0));
}

#[test]
fn a_session_without_prices_belongs_to_any_basis() {
    let mut stored = bars(0..60, mixed);
    stored[3] = Bar { open: None, high: None, low: None, close: None, volume: None, ..stored[3] };
    let given = answer(bars((0..60).filter(|n| *n != 3), |_| 1.0));
    let (after, found) = settled(&stored, &given);
    assert_eq!((found.left.len(), after.len(), after[3].close), (0, 60, None));
}

#[test]
fn an_answer_that_does_not_reach_back_or_has_too_little_settles_nothing() {
    let stored = bars(0..100, mixed);
    let short = BarBatch { vouched: Days { from: day(50), to: day(500) }, ..answer(bars(50..100, |_| 1.0)) };
    assert!(settle(&short, &stored).unwrap_err().contains("goes back to 2020-02-25 only"));
    let few = answer(bars(60..100, |_| 1.0));
    assert!(settle(&few, &stored).unwrap_err().contains("40 of the 100 sessions"));
}

#[test]
fn another_company_under_the_same_code_settles_nothing() {
    let stored = bars(0..100, mixed);
    let mut other = bars(0..100, |_| 1.0);
    for (n, bar) in other.iter_mut().enumerate() {
        let close = 800.0 + 40.0 * (n as f64 * 1.9).cos();
        *bar = Bar { open: Some(close), high: Some(close), low: Some(close), close: Some(close), ..*bar };
    }
    assert!(settle(&answer(other), &stored).unwrap_err().contains("the same company"));
}

#[test]
fn a_history_that_its_source_adjusted_by_half_settles_nothing() {
    let stored = bars(0..100, mixed);
    let half = answer(bars(0..100, |n| if n < 70 { 1.0 } else { 0.5 }));
    assert!(settle(&half, &stored).unwrap_err().contains("leap on 2020-03-16"));
}

#[test]
fn a_series_without_any_price_takes_whatever_comes() {
    let none = |n| Bar { open: None, high: None, low: None, close: None, volume: None, ..bar(n, 1.0) };
    let stored: Vec<Bar> = (0..3).map(none).collect();
    let (after, found) = settled(&stored, &answer(bars(3..10, |_| 1.0)));
    assert_eq!((found.left.len(), after.len()), (0, 10));
}
