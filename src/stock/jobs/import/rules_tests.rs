//! The rules of files, on invented series.

use super::*;
use crate::stock::{bar::Row, calendar::Market};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A walk that never repeats a close, from one day to another, times a factor.
fn series(from: &str, to: &str, factor: impl Fn(NaiveDate) -> f64) -> Vec<Bar> {
    let days = Days { from: day(from), to: day(to) };
    let bar = |(n, date): (usize, NaiveDate)| {
        let close = (1000.0 + (n % 97) as f64 * 1.5) * factor(date);
        let price = Some(close);
        Bar { date, open: price, high: price, low: price, close: price, volume: Some(1000.0) }
    };
    Calendar::embedded(Market::Tokyo).sessions(days).enumerate().map(bar).collect()
}

fn stored(source: &str) -> Series {
    Series { basis: Some(Basis::Split), source: Some(source.to_owned()), ..Series::default() }
}

fn file(bars: &[Bar], basis: Basis) -> Offered {
    let row = |bar: &Bar| Row { bar: *bar, raw: bar.date.to_string() };
    let rows = FileRows { rows: bars.iter().map(row).collect(), ..FileRows::default() };
    Offered { source: "file:yahoo", basis, rows }
}

fn judge_of(bars: &[Bar], held: &[Bar], source: &str) -> Judged {
    let series = stored(source);
    judged(
        file(bars, Basis::Split),
        &Held { series: &series, bars: held },
        &Calendar::embedded(Market::Tokyo),
        day("2024-05-31"),
    )
}

const FROM: &str = "2024-01-04";
const TO: &str = "2024-05-31";

#[test]
fn a_file_of_an_older_basis_rebases_nothing() {
    let held = series(FROM, TO, |_| 1.0);
    let old = series(FROM, "2024-03-29", |_| 2.0);
    let found = judge_of(&old, &held, "yahoo");
    let reason = found.fitted.unwrap_err();
    assert!(reason.contains("older basis") && reason.contains("2024-03-29"), "{reason}");
    assert_eq!(found.rejected.rows.last().unwrap().reason, reason);
}

#[test]
fn a_file_that_reaches_the_end_replaces_the_whole_history() {
    let held = series(FROM, TO, |_| 1.0);
    let new: Vec<Bar> = series(FROM, TO, |_| 0.5).into_iter().filter(|bar| bar.date >= day("2024-02-01")).collect();
    let fitted = judge_of(&new, &held, "yahoo").fitted.unwrap();
    assert!(matches!(fitted.change, Change::Rebased { ratio, .. } if (ratio - 0.5).abs() < 1e-9));
    assert_eq!(fitted.bars.len(), held.len());
    assert!(fitted.bars.iter().zip(&held).all(|(new, old)| new.close == old.close.map(|close| close * 0.5)));
}

#[test]
fn a_stretch_in_another_unit_is_no_rebasing() {
    let held = series(FROM, TO, |_| 1.0);
    for factor in [4.0, 1.1] {
        let bad = series(FROM, TO, |date| if date < day("2024-04-01") { factor } else { 1.0 });
        let reason = judge_of(&bad, &held, "yahoo").fitted.unwrap_err();
        assert!(reason.contains("the fetched prices leap where the stored ones do not"), "{reason}");
    }
}

#[test]
fn few_bars_are_corrected_and_many_only_by_the_same_source() {
    let held = series(FROM, TO, |_| 1.0);
    let wrong = |count: usize| -> Vec<Bar> {
        let mut bars = held.clone();
        for bar in bars.iter_mut().step_by(8).take(count) {
            *bar = Bar { high: bar.high.map(|high| high * 1.1), close: bar.close.map(|close| close * 1.05), ..*bar };
        }
        bars
    };
    let few = judge_of(&wrong(3), &held, "yahoo").fitted.unwrap();
    assert!(matches!(few.change, Change::Corrections(found) if found.len() == 3));
    let reason = judge_of(&wrong(8), &held, "yahoo").fitted.unwrap_err();
    assert!(reason.contains("too many to be corrections"), "{reason}");
    let same = judge_of(&wrong(8), &held, "file:yahoo").fitted.unwrap();
    assert!(matches!(same.change, Change::Corrections(found) if found.len() == 8));
}

#[test]
fn another_basis_serves_only_where_it_is_equal() {
    let held = series(FROM, TO, |_| 1.0);
    let series_of = stored("yahoo");
    let judge_as = |bars: &[Bar]| {
        let held = Held { series: &series_of, bars: &held[..50] };
        judged(file(bars, Basis::SplitDividend), &held, &Calendar::embedded(Market::Tokyo), day(TO)).fitted
    };
    let equal = judge_as(&held).unwrap();
    assert_eq!((equal.bars.basis(), equal.bars.len()), (Basis::Split, held.len() - 50));
    let other: Vec<Bar> = series(FROM, TO, |_| 0.97);
    assert!(judge_as(&other).unwrap_err().contains("adjusted for something else"));
    assert!(judge_as(&held[60..]).unwrap_err().contains("no stored session to compare with"));
}

#[test]
fn a_file_vouches_from_its_first_to_its_last_row_and_not_for_impossible_days() {
    let mut bars = series("2024-03-01", "2024-04-26", |_| 1.0);
    let price = bars[0].close;
    for wrong in ["1914-03-02", "2199-12-30"] {
        bars.push(Bar { date: day(wrong), open: price, high: price, low: price, close: price, volume: None });
    }
    let found = judge_of(&bars, &[], "yahoo");
    assert_eq!(found.fitted.unwrap().vouched, Days { from: day("2024-03-01"), to: day("2024-04-26") });
    assert_eq!(found.rejected.rows.len(), 2);
}

#[test]
fn the_session_under_way_is_left_out() {
    let newest = day("2024-05-30");
    let bars = series(FROM, TO, |_| 1.0);
    assert_eq!(Calendar::embedded(Market::Tokyo).next_session_after(newest), day(TO));
    let series_of = Series::default();
    let held = Held { series: &series_of, bars: &[] };
    let fitted = judged(file(&bars, Basis::Split), &held, &Calendar::embedded(Market::Tokyo), newest).fitted.unwrap();
    assert_eq!(fitted.bars.last().unwrap().date, newest);
}

#[test]
fn a_file_settles_what_was_taken_over_when_it_has_all_of_it_and_not_before() {
    let factor = |date: NaiveDate| if date < day("2024-03-01") { 0.97 } else { 1.0 };
    let held = series(FROM, TO, factor);
    let unsettled = Series { newest_date: Some(day(TO)), ..Series::default() };
    let of = |bars: &[Bar]| {
        let held = Held { series: &unsettled, bars: &held };
        judged(file(bars, Basis::Split), &held, &Calendar::embedded(Market::Tokyo), day(TO)).fitted
    };
    let whole = series(FROM, TO, |_| 1.0);
    let end = of(&whole[40..]).unwrap_err();
    assert!(end.contains("goes back to 2024-03-05 only"), "{end}");
    let beginning = of(&whole[..whole.len() - 1]).unwrap_err();
    assert!(beginning.contains("a file that ends before 2024-05-31 cannot settle it"), "{beginning}");
    let Change::Settled(settled) = of(&whole).unwrap().change else { panic!("settled") };
    let before = held.iter().filter(|bar| bar.date < day("2024-03-01")).count();
    assert_eq!((settled.replaced.len(), settled.left.len()), (before, 0));
}
