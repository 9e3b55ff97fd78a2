use super::*;
use crate::stock::bar::Basis;
use crate::stock::store::series::Series;

fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, number).unwrap()
}

fn bar(number: u32, close: f64) -> Bar {
    let price = Some(close);
    Bar { date: day(number), open: price, high: price, low: price, close: price, volume: Some(1000.0) }
}

/// Closes that rise by one each day.
fn bars(days: std::ops::RangeInclusive<u32>, unit: f64) -> Vec<Bar> {
    days.map(|number| bar(number, (100.0 + f64::from(number)) * unit)).collect()
}

fn batch(bars: &[Bar]) -> BarBatch {
    let vouched = Days { from: bars[0].date, to: day(31) };
    BarBatch { source: "kabutan", basis: Basis::Split, bars: bars.to_vec(), rejected: Vec::new(), vouched }
}

fn series(stored: &[Bar]) -> Series {
    let (first, last) = (stored[0].date, stored[stored.len() - 1].date);
    Series {
        basis: Some(Basis::Split),
        source: Some("kabutan".to_owned()),
        covered: Some(Days { from: first, to: last }),
        newest_date: Some(last),
        ..Series::default()
    }
}

fn days(days: impl IntoIterator<Item = u32>) -> BTreeSet<NaiveDate> {
    days.into_iter().map(day).collect()
}

fn own() -> Before {
    Before { own: days(1..=31), ..Before::default() }
}

fn refitted(given: &[Bar], stored: &[Bar], before: &Before) -> Result<Fitted, String> {
    let (first, last) = (given[0].date, given[given.len() - 1].date);
    let on_its_days: Vec<Bar> = stored.iter().filter(|bar| first <= bar.date && bar.date <= last).copied().collect();
    refit(batch(given), &Stored { series: &series(stored), bars: &on_its_days, previous_close: None }, before)
}

#[test]
fn a_row_once_quarantined_comes_in_and_the_end_is_vouched_for_only_as_far_as_its_bars_go() {
    let given = bars(5..=20, 1.0);
    let mut stored = given.clone();
    stored.remove(3);
    let found = refitted(&given, &stored, &own()).unwrap();
    assert_eq!((&*found.bars, found.change, found.agreeing), (&[bar(8, 108.0)][..], Change::None, 15));
    assert_eq!(found.vouched, Days { from: day(5), to: day(20) });
}

#[test]
fn however_many_bars_were_misread_they_are_corrected_where_they_came_from_this_source() {
    let given = bars(5..=20, 1.0);
    let misread: Vec<Bar> = given.iter().map(|bar| Bar { high: bar.close.map(|c| c * 3.0), ..*bar }).collect();
    let found = refitted(&given, &misread, &own()).unwrap();
    assert_eq!(*found.bars, given);
    assert!(matches!(found.change, Change::Corrections(all) if all.len() == 16));
    let others = Before { own: days([7, 8]), ..Before::default() };
    let found = refitted(&given, &misread, &others).unwrap();
    assert_eq!(*found.bars, [bar(7, 107.0), bar(8, 108.0)]);
}

#[test]
fn what_a_later_answer_told_stays() {
    let given = bars(5..=20, 1.0);
    let mut stored = given.clone();
    (stored[4], stored[6]) = (bar(9, 111.0), bar(11, 113.0));
    stored.remove(0);
    let before = Before { told_later: days([5, 9]), ..own() };
    let found = refitted(&given, &stored, &before).unwrap();
    assert_eq!(*found.bars, [bar(11, 111.0)]);
}

#[test]
fn an_older_basis_never_comes_back() {
    let older = bars(5..=15, 3.0);
    let stored = bars(1..=20, 1.0);
    let reason = refitted(&older, &stored, &own()).unwrap_err();
    assert!(reason.contains("another basis"), "{reason}");
    // Two common sessions show no ratio; most closes differ all the same.
    let few = bars(19..=20, 3.0);
    assert!(refitted(&few, &stored, &own()).is_err());
    // A misread bar hides the ratio.
    let mut hidden = older.clone();
    (hidden[2], hidden[5]) = (bar(7, 107.0), bar(10, 9.0));
    assert!(refitted(&hidden, &stored, &own()).is_err());
    let whole = bars(1..=20, 3.0);
    assert!(refitted(&whole, &stored, &Before { rebased_later: true, ..own() }).is_err());
}

#[test]
fn a_whole_history_that_nothing_later_contradicts_may_rebase() {
    let found = refitted(&bars(1..=20, 0.5), &bars(2..=18, 1.0), &own()).unwrap();
    assert!(matches!(found.change, Change::Rebased { ratio, .. } if (ratio - 0.5).abs() < 1e-9));
    assert_eq!(*found.bars, bars(1..=20, 0.5));
    let others = Before::default();
    assert!(refitted(&bars(1..=20, 0.5), &bars(2..=18, 1.0), &others).is_err(), "bars of another source");
}

#[test]
fn an_answer_apart_from_what_is_stored_leaves_no_gap() {
    let reason = refitted(&bars(20..=25, 1.0), &bars(1..=10, 1.0), &own()).unwrap_err();
    assert!(reason.contains("apart"), "{reason}");
    assert!(refitted(&bars(11..=15, 1.0), &bars(1..=10, 1.0), &own()).is_ok());
}
