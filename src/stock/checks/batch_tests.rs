use proptest::prelude::*;

use super::*;
use crate::stock::bar::{Basis, Row, Split};
use crate::stock::calendar::{Market, real_data};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// `2024-03-04,100,110,90,105,1000`; an empty field is a missing value.
fn row(raw: &str) -> Row {
    let fields: Vec<&str> = raw.split(',').collect();
    let number = |index: usize| fields[index].parse().ok();
    let bar = Bar {
        date: day(fields[0]),
        open: number(1),
        high: number(2),
        low: number(3),
        close: number(4),
        volume: number(5),
    };
    Row { bar, raw: raw.to_owned() }
}

fn batch(rows: Vec<Row>) -> RawBatch {
    let vouched = Days { from: day("1900-01-01"), to: day("2099-12-31") };
    RawBatch { source: "yahoo", basis: Basis::Split, rows, unreadable: Vec::new(), splits: Vec::new(), vouched }
}

static TOKYO: Calendar = Calendar::embedded(Market::Tokyo);

fn context() -> CheckContext<'static> {
    CheckContext { calendar: &TOKYO, newest_final: day("2024-03-29"), previous_close: None }
}

/// Twenty sound sessions of February 2024 at 100 to 110.
fn sound() -> Vec<Row> {
    let days = Days { from: day("2024-02-01"), to: day("2024-02-29") };
    Calendar::embedded(Market::Tokyo).sessions(days).map(|date| row(&format!("{date},100,110,95,105,1000"))).collect()
}

/// The text and the reason of the only rejection when `lines` stand among sound rows.
fn rejection(lines: &[&str]) -> (String, String) {
    let mut rows = sound();
    rows.extend(lines.iter().map(|line| row(line)));
    let checked = check(batch(rows), &context()).unwrap();
    assert_eq!(checked.batch.bars.len(), sound().len(), "the sound rows are loaded");
    let [only] = checked.batch.rejected.as_slice() else { panic!("{:?}", checked.batch.rejected) };
    assert_eq!(only.date.unwrap().to_string(), only.raw[..10]);
    (only.raw.clone(), only.reason.clone())
}

#[test]
fn each_wrong_row_is_rejected_with_its_text_and_a_reason() {
    for (line, reason) in [
        ("2024-03-04,100,99,90,95,1000", "the high 99 is below the open 100"),
        ("2024-03-04,100,104,90,105,1000", "the high 104 is below the close 105"),
        ("2024-03-04,95,104,100,101,1000", "the low 100 is above the open 95"),
        ("2024-03-04,101,104,100,99,1000", "the low 100 is above the close 99"),
        ("2024-03-04,100,90,95,92,1000", "the high 90 is below the open 100"),
        ("2024-03-04,100,110,0,105,1000", "the low 0 is not above 0"),
        ("2024-03-04,100,110,-1,105,1000", "the low -1 is not above 0"),
        ("2024-03-04,0,0,0,0,0", "the open 0 is not above 0"),
        ("2024-03-04,100,inf,90,105,1000", "the high inf is no number"),
        ("2024-03-04,100,110,90,NaN,1000", "the close NaN is no number"),
        ("2024-03-04,100,110,90,105,-1", "the volume -1 is negative"),
        ("2024-03-04,100,110,90,105,NaN", "the volume NaN is no number"),
        ("2024-03-04,,110,90,105,1000", "open missing where other prices are given"),
        ("2024-03-04,,,,105,1000", "open and high and low missing where other prices are given"),
        ("2024-03-04,,,,,1000", "a volume of 1000 without prices"),
        ("2024-03-03,100,110,90,105,1000", "2024-03-03 is no session of the market in JP"),
        ("2024-03-20,100,110,90,105,1000", "2024-03-20 is no session of the market in JP"),
        ("2024-03-20,105,105,105,105,0", "2024-03-20 is no session of the market in JP"),
        ("1948-12-31,100,110,90,105,1000", "1948-12-31 is before 1949"),
        ("2024-04-02,100,110,90,105,1000", "2024-04-02 is in the future"),
        ("2924-03-04,100,110,90,105,1000", "2924-03-04 is in the future"),
        ("2024-03-04,600,610,590,600,1000", "the close leaps from 105 to 600 without a split"),
        ("2024-03-04,20,21,19,20,1000", "the close leaps from 105 to 20 without a split"),
    ] {
        assert_eq!(rejection(&[line]), (line.to_owned(), reason.to_owned()));
    }
}

#[test]
fn a_row_that_could_not_be_read_stays_rejected() {
    let mut raw = batch(sound());
    raw.unreadable.push(Rejection { date: None, bar: None, raw: "<b>".into(), reason: "no row".into(), decided: None });
    assert_eq!(check(raw.clone(), &context()).unwrap().batch.rejected, raw.unreadable);
}

#[test]
fn sound_rows_pass_as_they_are_and_ascend() {
    let mut rows = sound();
    rows.reverse();
    rows.push(row("2024-03-04,100,110,90,105,"));
    let bars = check(batch(rows), &context()).unwrap().batch.bars;
    assert!(bars.is_sorted_by(|a, b| a.date < b.date));
    let mut expected: Vec<Bar> = sound().into_iter().map(|row| row.bar).collect();
    expected.push(row("2024-03-04,100,110,90,105,").bar);
    assert_eq!(bars, expected);
}

#[test]
fn a_session_without_trades_has_neither_prices_nor_volume() {
    for line in ["2024-03-04,,,,,", "2024-03-04,,,,,0", "2024-03-04,105,105,105,105,0"] {
        let checked = check(batch(vec![row(line)]), &context()).unwrap();
        assert_eq!(checked.batch.bars, [row("2024-03-04,,,,,").bar], "{line}");
    }
    let locked_at_the_limit = row("2024-03-04,105,105,105,105,700");
    let checked = check(batch(vec![locked_at_the_limit.clone()]), &context()).unwrap();
    assert_eq!(checked.batch.bars, [locked_at_the_limit.bar]);
}

#[test]
fn equal_rows_of_a_day_are_folded_and_different_ones_all_rejected() {
    let mut rows = sound();
    rows.push(rows[3].clone());
    rows.push(row("2024-03-04,100,110,90,105,1000"));
    rows.push(row("2024-03-04,100,110,90,106,1000"));
    let batch = check(batch(rows), &context()).unwrap().batch;
    assert_eq!(batch.bars.len(), sound().len());
    assert_eq!(batch.rejected.len(), 2);
    assert!(batch.rejected.iter().all(|r| r.reason == "2024-03-04 stands in 2 rows with different values"));
}

#[test]
fn the_session_under_way_is_dropped_and_counted_even_when_its_rows_differ() {
    let mut rows = sound();
    rows.push(row("2024-04-01,100,110,90,105,1000"));
    rows.push(row("2024-04-01,100,110,90,106,1200"));
    let checked = check(batch(rows), &context()).unwrap();
    assert_eq!((checked.provisional, checked.batch.rejected.len()), (2, 0));
    assert_eq!(checked.batch.bars.len(), sound().len());
    assert_eq!(checked.batch.vouched.to, day("2024-03-29"), "nobody vouches for a session under way");
}

#[test]
fn days_that_were_not_asked_for_are_left_out_and_counted() {
    let mut raw = batch(sound());
    raw.vouched = Days { from: day("2024-02-26"), to: day("2024-02-28") };
    let checked = check(raw, &context()).unwrap();
    assert_eq!((checked.batch.bars.len(), checked.unasked, checked.batch.rejected.len()), (3, 16, 0));
}

#[test]
fn more_than_a_fifth_of_wrong_rows_loads_nothing() {
    let with_wrong = |count: usize| {
        let mut rows: Vec<Row> = sound().into_iter().take(10).collect();
        rows.iter_mut().take(count).for_each(|row| row.bar.high = Some(1.0));
        check(batch(rows), &context())
    };
    assert_eq!(with_wrong(2).unwrap().batch.bars.len(), 8);
    let refused = with_wrong(3).unwrap_err();
    assert_eq!(refused.rejected.len(), 3);
    assert_eq!(
        refused.to_string(),
        "3 of 10 rows of yahoo are wrong, more than a fifth; the first: the high 1 is below the open 100"
    );
}

#[test]
fn rows_without_volume_on_holidays_are_not_held_against_the_source() {
    let mut rows: Vec<Row> = sound().into_iter().take(2).collect();
    for holiday in ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-08", "2024-02-12"] {
        rows.push(row(&format!("{holiday},105,105,105,105,0")));
    }
    let batch = check(batch(rows), &context()).unwrap().batch;
    assert_eq!((batch.bars.len(), batch.rejected.len()), (2, 5));
}

#[test]
fn a_wrong_first_row_does_not_reject_the_rest() {
    let mut rows = sound();
    rows[0] = row("2024-02-01,10000,11000,9500,10500,1000");
    let batch = check(batch(rows), &context()).unwrap().batch;
    assert_eq!((batch.bars.len(), batch.rejected.len()), (sound().len() - 1, 1));
}

#[test]
fn the_recorded_series_lose_no_row() {
    for code in real_data::JP_CODES {
        let rows: Vec<Row> = real_data::jp_rows(code)
            .iter()
            .map(|row| {
                // Adjusted as a source of the split basis would be.
                let [open, high, low, close] = row.prices.map(|price| Some(price * row.adjusted_close / row.prices[3]));
                let bar = Bar { date: row.date, open, high, low, close, volume: Some(row.volume) };
                Row { bar, raw: String::new() }
            })
            .collect();
        let count = rows.len();
        let batch = check(batch(rows), &context()).unwrap().batch;
        assert_eq!((batch.bars.len(), batch.rejected), (count, Vec::new()), "{code}");
    }
}

fn any_price() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        6 => (90.0..120.0_f64).prop_map(Some),
        1 => Just(None),
        1 => any::<f64>().prop_map(Some),
        1 => prop_oneof![Just(Some(0.0)), Just(Some(f64::NAN)), Just(Some(1e300))],
    ]
}

fn any_row() -> impl Strategy<Value = Row> {
    let date = prop_oneof![20 => 738_800_i32..739_000, 1 => -100_000_i32..4_000_000];
    (date, [any_price(), any_price(), any_price(), any_price()], any_price(), any::<bool>()).prop_map(
        |(days, prices, volume, sort)| {
            let date = NaiveDate::from_num_days_from_ce_opt(days).unwrap();
            let [open, mut high, mut low, close] = prices;
            if sort {
                high = high.and(Some(120.0));
                low = low.and(Some(90.0));
            }
            Row { bar: Bar { date, open, high, low, close, volume }, raw: String::new() }
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_answered_only_sound_bars_come_out(
        rows in prop::collection::vec(any_row(), 0..60),
        previous in prop::option::of(any::<f64>()),
        ratio in any::<f64>(),
        window in (738_700_i32..739_100, 0_i32..300),
    ) {
        let from = NaiveDate::from_num_days_from_ce_opt(window.0).unwrap();
        let vouched = Days { from, to: from + chrono::Days::new(window.1.unsigned_abs().into()) };
        let splits = vec![Split { date: day("2024-01-31"), ratio }];
        let context = CheckContext { previous_close: previous.map(|close| (day("2023-12-29"), close)), ..context() };
        let total = rows.len();
        match check(RawBatch { splits, vouched, ..batch(rows) }, &context) {
            Err(refused) => prop_assert!(!refused.rejected.is_empty()),
            Ok(checked) => {
                let bars = &checked.batch.bars;
                prop_assert!(bars.len() + checked.batch.rejected.len() + checked.provisional + checked.unasked <= total);
                prop_assert!(bars.is_sorted_by(|a, b| a.date < b.date));
                for bar in bars {
                    prop_assert!(Calendar::embedded(Market::Tokyo).is_session(bar.date) && bar.date <= context.newest_final);
                    prop_assert!(checked.batch.vouched.contains(bar.date));
                    prop_assert!(bar.volume.is_none_or(|volume| volume >= 0.0 && volume.is_finite()));
                    if let (Some(open), Some(high), Some(low), Some(close)) = (bar.open, bar.high, bar.low, bar.close) {
                        prop_assert!(low > 0.0 && high.is_finite());
                        prop_assert!(high >= open.max(close) && low <= open.min(close) && high >= low);
                    } else {
                        prop_assert_eq!([bar.open, bar.high, bar.low, bar.close, bar.volume], [None; 5]);
                    }
                }
            }
        }
    }
}
