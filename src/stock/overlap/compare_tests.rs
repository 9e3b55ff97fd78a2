use proptest::prelude::*;

use super::*;
use crate::stock::bar::Days;
use crate::stock::calendar::{Calendar, Market, real_data};

/// Prices that move a little every session, volumes in round lots.
fn series(count: usize) -> Vec<Bar> {
    let days = Days { from: "2024-01-04".parse().unwrap(), to: "2024-12-30".parse().unwrap() };
    let bar = |(i, date): (usize, NaiveDate)| {
        let open = 2000.0 + ((i * 37) % 23) as f64;
        let [high, low, close] = [open + 12.5, open - 9.0, open + 3.5];
        Bar {
            date,
            open: Some(open),
            high: Some(high),
            low: Some(low),
            close: Some(close),
            volume: Some(1000.0 + i as f64),
        }
    };
    Calendar::embedded(Market::Tokyo).sessions(days).take(count).enumerate().map(bar).collect()
}

fn scaled(bars: &[Bar], factor: f64) -> Vec<Bar> {
    let scale = |price: Option<f64>| price.map(|price| price * factor);
    let bar =
        |b: &Bar| Bar { open: scale(b.open), high: scale(b.high), low: scale(b.low), close: scale(b.close), ..*b };
    bars.iter().map(bar).collect()
}

/// As vendors print adjusted prices.
fn to_a_tenth(bars: &[Bar]) -> Vec<Bar> {
    let round = |price: Option<f64>| price.map(|price| (price * 10.0).round() / 10.0);
    let bar =
        |b: &Bar| Bar { open: round(b.open), high: round(b.high), low: round(b.low), close: round(b.close), ..*b };
    bars.iter().map(bar).collect()
}

fn without_trades(bar: Bar) -> Bar {
    Bar { date: bar.date, open: None, high: None, low: None, close: None, volume: None }
}

fn is_contradiction(found: &Overlap) -> bool {
    matches!(found, Overlap::Contradiction { .. })
}

#[track_caller]
fn assert_rebased(found: &Overlap, expected: f64) {
    let Overlap::Rebased { ratio, .. } = found else { panic!("{found:?}") };
    assert!((ratio / expected - 1.0).abs() < 5e-3, "{ratio} for {expected}");
}

#[test]
fn without_a_common_session_there_is_nothing_to_judge() {
    let bars = series(20);
    for (stored, fetched) in [(&bars[..10], &bars[10..]), (&[][..], &bars[..]), (&bars[..], &[][..])] {
        assert_eq!(compare(stored, fetched, true, true), Overlap::Nothing);
    }
}

#[test]
fn only_common_sessions_count() {
    let bars = series(30);
    assert_eq!(compare(&bars[..20], &bars[10..], true, true), Overlap::Equal);
}

#[test]
fn another_source_may_round_and_count_volumes_differently() {
    let stored = series(10);
    let mut fetched = to_a_tenth(&scaled(&stored, 1.0 + 1e-5));
    fetched.iter_mut().for_each(|bar| bar.volume = bar.volume.map(|volume| volume * 1.02));
    assert_eq!(compare(&stored, &fetched, false, true), Overlap::Equal);
    assert_eq!(compare(&stored, &fetched, false, false), Overlap::Equal);
    assert!(is_contradiction(&compare(&stored, &fetched, true, true)));
}

#[test]
fn rounding_is_no_excuse_at_prices_of_a_few_units() {
    let stored = scaled(&series(10), 1e-3);
    let mut fetched = stored.clone();
    fetched[4].low = fetched[4].low.map(|low| low - 0.05);
    assert!(matches!(compare(&stored, &fetched, false, true), Overlap::Corrections(found) if found.len() == 1));
}

#[test]
fn a_single_changed_bar_is_a_correction() {
    let stored = series(10);
    type Change = fn(&mut Bar);
    let changes: [Change; 4] = [
        |bar| bar.close = Some(2010.0),
        |bar| bar.volume = Some(1.0),
        |bar| *bar = without_trades(*bar),
        |bar| bar.volume = None,
    ];
    for change in changes {
        let mut fetched = stored.clone();
        change(&mut fetched[4]);
        let expected = Correction { date: stored[4].date, old: stored[4], new: fetched[4] };
        assert_eq!(compare(&stored, &fetched, true, true), Overlap::Corrections(vec![expected]));
        let back = Correction { date: stored[4].date, old: fetched[4], new: stored[4] };
        assert_eq!(compare(&fetched, &stored, true, true), Overlap::Corrections(vec![back]));
        assert!(is_contradiction(&compare(&stored, &fetched, true, false)), "never over another basis");
    }
}

#[test]
fn a_fifth_of_changed_bars_are_corrections_and_more_a_contradiction() {
    let stored = series(10);
    let mut fetched = stored.clone();
    for (changed, i) in [2, 5, 8].into_iter().enumerate() {
        fetched[i].open = Some(2001.0 + i as f64 / 2.0);
        let found = compare(&stored, &fetched, true, true);
        match changed {
            0 | 1 => assert!(matches!(found, Overlap::Corrections(all) if all.len() == changed + 1)),
            _ => assert!(is_contradiction(&found)),
        }
    }
}

#[test]
fn a_contradiction_says_what_differs() {
    let stored = series(1);
    let fetched = scaled(&stored, 8.0);
    let Overlap::Contradiction { reason } = compare(&stored, &fetched, true, true) else { panic!() };
    assert_eq!(
        reason,
        "1 of 1 common sessions differ, neither few corrections nor a constant ratio; the first is 2024-01-04: \
         open 2000, high 2012.5, low 1991, close 2003.5, volume 1000 stored, \
         open 16000, high 16100, low 15928, close 16028, volume 1000 fetched"
    );
}

#[test]
fn a_constant_ratio_is_a_rebasing_and_only_on_the_same_basis() {
    let stored = series(10);
    let fetched = to_a_tenth(&scaled(&stored, 1.0 / 3.0));
    for same_source in [true, false] {
        assert_rebased(&compare(&stored, &fetched, same_source, true), 1.0 / 3.0);
        assert!(is_contradiction(&compare(&stored, &fetched, same_source, false)));
    }
    assert!(is_contradiction(&compare(&stored[..2], &fetched, true, true)), "two sessions show no constant ratio");
}

#[test]
fn a_session_without_trades_does_not_hide_a_rebasing() {
    let mut stored = series(10);
    stored[3] = without_trades(stored[3]);
    assert_rebased(&compare(&stored, &scaled(&stored, 0.1), true, true), 0.1);
}

#[test]
fn a_history_rebased_a_day_late_is_a_rebasing() {
    let mut stored = series(10);
    let fetched = scaled(&stored, 0.5);
    stored[9] = fetched[9];
    assert_rebased(&compare(&stored, &fetched, true, true), 0.5);
    // Two ratios at once are no history that a split explains.
    stored[4].close = Some(1.0);
    assert!(is_contradiction(&compare(&stored, &fetched, true, true)));
}

#[test]
fn a_history_adjusted_by_half_is_neither_a_rebasing_nor_a_few_corrections() {
    let stored = series(60);
    let half = |from: usize, to: usize, ratio: f64| {
        let mut fetched = stored.clone();
        fetched[from..to].copy_from_slice(&scaled(&stored[from..to], ratio));
        fetched
    };
    // In the overlap, up to a session before its end; in a whole history, a stretch that ends within it.
    for (from, to) in [(50, 57), (50, 59), (0, 57), (48, 57), (20, 23)] {
        for ratio in [5.0, 2.0, 1.5, 0.1, 1.2] {
            let found = compare(&stored[from..], &half(from, to, ratio)[from..], true, true);
            assert!(is_contradiction(&found), "{from}..{to} times {ratio}: {found:?}");
            let found = compare(&stored, &half(from, to, ratio), true, true);
            assert!(is_contradiction(&found), "{from}..{to} of all times {ratio}: {found:?}");
        }
    }
    let found = compare(&stored[50..], &half(58, 59, 5.0)[50..], true, true);
    assert!(is_contradiction(&found), "a single session in the shares of before: {found:?}");
}

#[test]
fn a_stretch_that_leaps_where_it_is_stored_is_corrected() {
    let right = series(60);
    let mut stored = right.clone();
    stored[20..30].copy_from_slice(&scaled(&right[20..30], 2.0));
    assert!(matches!(compare(&stored, &right, true, true), Overlap::Corrections(found) if found.len() == 10));
}

#[test]
fn a_dividend_adjusted_series_is_not_taken_for_a_rebasing_of_half_a_percent() {
    let stored = series(10);
    assert!(is_contradiction(&compare(&stored, &scaled(&stored, 0.997), true, true)));
}

/// Code, day and ratio of each recorded split, with the close before it.
fn recorded_splits() -> Vec<(String, NaiveDate, f64, f64)> {
    let text = real_data::read("jp_yahoojp_1983_2018/_splits_derived.tsv").unwrap_or_default();
    let split = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        (fields[0].to_owned(), fields[1].parse().unwrap(), fields[2].parse().unwrap(), fields[3].parse().unwrap())
    };
    text.lines().skip(1).map(split).collect()
}

#[test]
fn every_recorded_split_is_a_rebasing_of_the_sessions_before_it() {
    let splits = recorded_splits();
    assert!(splits.is_empty() || splits.len() == 45);
    for (_, _, ratio, close) in splits {
        let stored = to_a_tenth(&scaled(&series(10), close / 2000.0));
        let fetched = to_a_tenth(&scaled(&stored, 1.0 / ratio));
        assert_rebased(&compare(&stored, &fetched, true, true), 1.0 / ratio);
    }
}

#[test]
fn real_rows_before_a_split_are_a_rebasing_and_after_it_equal() {
    let mut compared = 0;
    for (code, day, ratio, _) in recorded_splits() {
        if !real_data::JP_CODES.contains(&code.as_str()) {
            continue;
        }
        let rows = real_data::jp_rows(&code);
        let at = rows.partition_point(|row| row.date < day);
        // Later splits are in the adjusted column as well: taken out by what they are on the day of this one.
        let later = rows[at].prices[3] / rows[at].adjusted_close;
        let bar = |row: &real_data::JpRow, factor: f64| {
            let [open, high, low, close] = row.prices.map(|price| Some(price * factor));
            Bar { date: row.date, open, high, low, close, volume: Some(row.volume) }
        };
        let adjusted = |row: &real_data::JpRow| bar(row, later * row.adjusted_close / row.prices[3]);
        let before = &rows[at.saturating_sub(10)..at];
        let stored: Vec<Bar> = before.iter().map(|row| bar(row, 1.0)).collect();
        let fetched: Vec<Bar> = before.iter().map(adjusted).collect();
        assert_rebased(&compare(&stored, &fetched, true, true), 1.0 / ratio);
        let after: Vec<Bar> = rows[at..at + 3].iter().map(|row| bar(row, 1.0)).collect();
        assert_eq!(
            compare(&after, &rows[at..at + 3].iter().map(adjusted).collect::<Vec<_>>(), false, true),
            Overlap::Equal
        );
        compared += 1;
    }
    assert!(compared == 0 || compared > 20, "{compared} compared");
}

fn any_bars() -> impl Strategy<Value = Vec<Bar>> {
    let value = || prop_oneof![4 => (1.0..1000.0_f64).prop_map(Some), 1 => any::<Option<f64>>()];
    let bar = (0..3_u64, [value(), value(), value(), value(), value()]);
    prop::collection::vec(bar, 0..15).prop_map(|rows| {
        let mut date: NaiveDate = "2024-01-01".parse().unwrap();
        rows.into_iter()
            .map(|(gap, [open, high, low, close, volume])| {
                date = date + chrono::Days::new(gap + 1);
                Bar { date, open, high, low, close, volume }
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn any_two_series_get_a_finding_that_another_basis_narrows(
        a in any_bars(), b in any_bars(), same_source in any::<bool>(),
    ) {
        let found = compare(&a, &b, same_source, true);
        let narrow = compare(&a, &b, same_source, false);
        match found {
            Overlap::Nothing | Overlap::Equal => prop_assert_eq!(narrow, found),
            _ => prop_assert!(is_contradiction(&narrow)),
        }
    }

    #[test]
    fn a_series_agrees_with_itself_and_a_scaled_one_is_a_rebasing(
        count in 3..40_usize, ratio in prop_oneof![0.001..0.99_f64, 1.01..1000.0_f64],
    ) {
        let stored = series(count);
        prop_assert_eq!(compare(&stored, &stored, true, true), Overlap::Equal);
        assert_rebased(&compare(&stored, &scaled(&stored, ratio), true, true), ratio);
    }

    #[test]
    fn corrections_are_exactly_the_changed_sessions(count in 5..60_usize, at in any::<prop::sample::Index>(), by in 0.5..1.9_f64) {
        prop_assume!((by - 1.0).abs() > 1e-3);
        let stored = series(count);
        let mut fetched = stored.clone();
        let changed = at.index(count);
        fetched[changed].close = stored[changed].close.map(|close| close * by);
        let Overlap::Corrections(found) = compare(&stored, &fetched, true, true) else { panic!() };
        prop_assert_eq!(found, vec![Correction { date: stored[changed].date, old: stored[changed], new: fetched[changed] }]);
    }
}
