use super::*;
use crate::stock::bar::{Basis, Days, RawBatch};
use crate::stock::calendar::{Calendar, Market, real_data};
use crate::stock::checks::{CheckContext, Checked, SchemaChanged, check_beside};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Sessions of early 2024 that move a little, ascending.
fn series(count: usize) -> Vec<Bar> {
    let days = Days { from: day("2024-01-04"), to: day("2024-12-30") };
    let bar = |(i, date): (usize, NaiveDate)| {
        let open = 1000.0 + ((i * 7) % 11) as f64;
        let price = |plus: f64| Some(open + plus);
        Bar { date, open: price(0.0), high: price(9.0), low: price(-9.0), close: price(4.0), volume: Some(1e4) }
    };
    Calendar::embedded(Market::Tokyo).sessions(days).take(count).enumerate().map(bar).collect()
}

/// The same sessions with prices times `factor`, as in the shares of another time.
fn times(bars: &[Bar], factor: f64) -> Vec<Bar> {
    let price = |price: Option<f64>| price.map(|price| price * factor);
    let bar =
        |b: &Bar| Bar { open: price(b.open), high: price(b.high), low: price(b.low), close: price(b.close), ..*b };
    bars.iter().map(bar).collect()
}

fn judge(bars: &[Bar], splits: &[(NaiveDate, f64)], stored: &[Bar]) -> Result<Checked, SchemaChanged> {
    judge_after(bars, splits, stored, None)
}

fn judge_after(
    bars: &[Bar],
    splits: &[(NaiveDate, f64)],
    stored: &[Bar],
    previous_close: Option<(NaiveDate, f64)>,
) -> Result<Checked, SchemaChanged> {
    let raw = RawBatch {
        source: "yahoo",
        basis: Basis::Split,
        rows: bars.iter().map(|bar| Row { bar: *bar, raw: bar.date.to_string() }).collect(),
        unreadable: Vec::new(),
        splits: splits.iter().map(|(date, ratio)| Split { date: *date, ratio: *ratio }).collect(),
        vouched: Days::EVER,
    };
    let context =
        CheckContext { calendar: &Calendar::embedded(Market::Tokyo), newest_final: day("2026-11-20"), previous_close };
    check_beside(raw, &context, stored)
}

#[test]
fn an_answer_that_is_not_adjusted_for_its_own_split_is_refused_as_a_whole() {
    for ratio in [2.0, 5.0, 10.0, 0.1, 1.5] {
        let mut bars = series(40);
        let date = bars[30].date;
        let before = times(&bars[..30], ratio);
        bars[..30].copy_from_slice(&before);
        let refused = judge(&bars, &[(date, ratio)], &[]).unwrap_err();
        assert!(refused.reason.contains("not adjusted for it are 30 of 40 sessions"), "{refused}");
        let [whole] = refused.rejected.as_slice() else { panic!("{:?}", refused.rejected) };
        assert_eq!((&whole.bar, whole.date), (&None, None));
    }
}

#[test]
fn an_adjusted_answer_passes_whatever_splits_it_announces() {
    let bars = series(40);
    for ratio in [1.05, 1.1, 1.5, 2.0, 5.0, 200.0, 0.1] {
        let checked = judge(&bars, &[(bars[30].date, ratio)], &[]).unwrap();
        assert_eq!((checked.batch.bars.len(), checked.batch.rejected.len()), (40, 0), "{ratio}");
    }
}

#[test]
fn a_few_sessions_that_are_not_adjusted_are_rejected_one_by_one() {
    let mut bars = series(40);
    let wrong = times(&bars[26..29], 5.0);
    bars[26..29].copy_from_slice(&wrong);
    // A session before the split itself is adjusted already, as vendors have it.
    let checked = judge(&bars, &[(bars[30].date, 5.0)], &[]).unwrap();
    assert_eq!(checked.batch.bars.len(), 37);
    let rejected: Vec<Option<Bar>> = checked.batch.rejected.iter().map(|row| row.bar.as_deref().copied()).collect();
    assert_eq!(rejected, wrong.into_iter().map(Some).collect::<Vec<_>>());
    let reason = format!("the split of 5 on {} shows between {} and {}", bars[30].date, bars[28].date, bars[29].date);
    assert!(checked.batch.rejected[0].reason.starts_with(&reason), "{:?}", checked.batch.rejected[0]);
}

#[test]
fn a_fall_on_the_day_of_a_split_is_not_taken_for_it() {
    let mut bars = series(40);
    // The limit of a day, and the open not even that: still adjusted for 1 to 1.5.
    let after = times(&bars[30..], 0.75);
    bars[30..].copy_from_slice(&after);
    bars[30].open = Some(900.0);
    bars[30].high = Some(910.0);
    assert!(judge(&bars, &[(bars[30].date, 1.5)], &[]).unwrap().batch.rejected.is_empty());
    // A split of 1 to 1.1 cannot be told from a bad day at all.
    let mut bars = series(40);
    let before = times(&bars[..30], 1.1);
    bars[..30].copy_from_slice(&before);
    assert!(judge(&bars, &[(bars[30].date, 1.1)], &[]).unwrap().batch.rejected.is_empty());
}

#[test]
fn an_answer_in_the_shares_of_today_does_not_follow_what_is_stored_from_before() {
    let bars = series(10);
    let before = Some((day("2023-12-29"), 3000.0));
    let refused = judge_after(&bars, &[(bars[0].date, 3.0)], &[], before).unwrap_err();
    assert!(refused.reason.contains("what is stored up to 2023-12-29 is not adjusted"), "{refused}");
    assert!(judge_after(&bars, &[(day("2023-12-01"), 3.0)], &[], Some((day("2023-12-29"), 1000.0))).is_ok());
}

#[test]
fn what_is_stored_is_a_fact_whatever_a_rule_says() {
    let mut bars = series(20);
    let collapse = times(&bars[12..], 0.1);
    bars[12..].copy_from_slice(&collapse);
    // No session, and a high below the close: somebody accepted both.
    let sunday = Bar { date: day("2024-01-14"), ..bars[5] };
    bars.insert(6, sunday);
    bars[3].high = Some(1000.0);
    assert!(judge(&bars, &[], &[]).is_err());
    let checked = judge(&bars, &[], &bars[..14]).unwrap();
    assert_eq!((checked.batch.bars.len(), checked.batch.rejected.len()), (21, 0));
    assert_eq!(checked.batch.bars, bars);
    // What differs from the fact is judged.
    let stored = times(&bars[..14], 1.01);
    assert!(judge(&bars, &[], &stored).is_err());
}

#[test]
fn a_volume_that_cannot_be_is_none_of_the_fact() {
    let mut bars = series(20);
    let stored = bars.clone();
    bars[3].volume = Some(-1.0);
    let checked = judge(&bars, &[], &stored).unwrap();
    assert_eq!((checked.batch.bars.len(), checked.batch.rejected.len()), (19, 1));
}

type Splits = Vec<(NaiveDate, f64)>;

/// A recorded answer as Yahoo gave it: date, open, high, low, close, _, volume, _, split, in either order.
fn recorded(name: &str) -> Option<(Vec<Bar>, Splits)> {
    let text = real_data::read(&format!("repair/{name}.csv"))?;
    let mut splits = Vec::new();
    let mut bars: Vec<Bar> = text
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let number = |n: usize| fields[n].parse::<f64>().ok();
            let date = day(&fields[0][..10]);
            splits.extend(number(8).filter(|ratio| *ratio > 0.0).map(|ratio| (date, ratio)));
            Bar { date, open: number(1), high: number(2), low: number(3), close: number(4), volume: number(6) }
        })
        .collect();
    bars.sort_by_key(|bar| bar.date);
    Some((bars, splits))
}

#[test]
fn the_recorded_bad_split_is_refused_and_its_repair_passes() {
    let Some((bad, splits)) = recorded("4063-T-1d-bad-stock-split") else { return };
    let (fixed, _) = recorded("4063-T-1d-bad-stock-split-fixed").unwrap();
    assert_eq!(splits, [(day("2023-03-30"), 5.0)]);
    let reason = judge(&bad, &splits, &[]).unwrap_err().reason;
    assert!(reason.contains("shows between 2023-03-28 and 2023-03-29"), "{reason}");
    // With the months before it, too few of them are wrong to refuse all: those are.
    let checked = judge(&[series_before(&fixed), bad.clone()].concat(), &splits, &[]).unwrap();
    assert_eq!(checked.batch.rejected.len(), 9);
    assert!(checked.batch.rejected.iter().all(|rejection| rejection.date < Some(day("2023-03-29"))));
    assert_eq!(judge(&fixed, &splits, &[]).unwrap().batch.bars, fixed);
}

/// Fifty sessions in the shares of after the split.
fn series_before(fixed: &[Bar]) -> Vec<Bar> {
    let days = Days { from: day("2023-01-04"), to: fixed[0].date.pred_opt().unwrap() };
    let all: Vec<NaiveDate> = Calendar::embedded(Market::Tokyo).sessions(days).collect();
    all.into_iter().map(|date| Bar { date, ..fixed[0] }).collect()
}

#[test]
fn the_recorded_bad_dividend_touches_no_price() {
    let Some((bad, splits)) = recorded("4063-T-1d-bad-div") else { return };
    let (fixed, _) = recorded("4063-T-1d-bad-div-fixed").unwrap();
    assert_eq!(bad, fixed, "what is wrong in it is the dividend, which our basis does not know");
    let checked = judge(&bad, &splits, &[]).unwrap();
    assert_eq!((checked.batch.bars, checked.batch.rejected.len()), (fixed, 0));
}
