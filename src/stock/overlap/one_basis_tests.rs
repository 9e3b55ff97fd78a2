use proptest::prelude::*;

use super::*;
use crate::stock::bar::Days;

fn bar(day: u32, close: f64) -> Bar {
    let date = NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
    let price = Some(close);
    Bar { date, open: price, high: price, low: price, close: price, volume: Some(1000.0) }
}

fn batch(basis: Basis, bars: &[Bar]) -> BarBatch {
    BarBatch { source: "yahoo", basis, bars: bars.to_vec(), rejected: Vec::new(), vouched: Days::EVER }
}

#[test]
fn bars_of_another_basis_join_only_where_they_meet_the_series_and_are_equal() {
    let stored: Vec<Bar> = (5..10).map(|day| bar(day, 100.0)).collect();
    let join = |bars: &[Bar]| {
        let batch = batch(Basis::SplitDividend, bars);
        OneBasis::join(&batch, Some(Basis::Split), &stored, false).map(|(bars, _)| (bars.basis(), bars.len()))
    };
    let equal: Vec<Bar> = (5..12).map(|day| bar(day, 100.0)).collect();
    assert_eq!(join(&equal), Ok((Basis::Split, 2)));
    assert!(join(&[bar(20, 100.0)]).is_err(), "they do not meet");
    assert!(join(&[bar(8, 97.0), bar(9, 97.0), bar(10, 97.0)]).is_err(), "they differ");
}

#[test]
fn a_single_bar_joins_a_series_of_its_basis_or_begins_one() {
    let single = |series| OneBasis::single(bar(5, 1.0), Basis::SplitDividend, series).map(|bars| bars.basis());
    assert_eq!(single(None), Ok(Basis::SplitDividend));
    assert_eq!(single(Some(Basis::SplitDividend)), Ok(Basis::SplitDividend));
    let refused = single(Some(Basis::Split)).unwrap_err();
    assert_eq!(refused.to_string(), "it is adjusted for split_dividend, and the stored series for split");
}

fn rebased(stored: &[Bar], given: &[Bar]) -> Option<Vec<Bar>> {
    let (bars, found) = OneBasis::join(&batch(Basis::Split, given), Some(Basis::Split), stored, true).ok()?;
    let Overlap::Rebased { ratio, until } = found else { return None };
    Some(bars.rebased(stored, ratio, until).to_vec())
}

/// Sessions whose prices move a little, the stored ones before and from the one of the split on.
fn splitting(sessions: u32, split: u32, ratio: f64) -> (Vec<Bar>, Vec<Bar>) {
    let close = |day: u32| 1000.0 + f64::from(day * 37 % 23);
    let truth: Vec<Bar> = (1..=sessions).map(|day| in_unit(&bar(day, close(day)), ratio)).collect();
    let raw = (1..).zip(&truth).map(|(day, given)| if day < split { bar(day, close(day)) } else { *given }).collect();
    (truth, raw)
}

fn assert_close(found: &[Bar], truth: &[Bar]) {
    let near = |a: Option<f64>, b: Option<f64>| a.zip(b).is_some_and(|(a, b)| (a / b - 1.0).abs() < 1e-9);
    let is_same = |(a, b): (&Bar, &Bar)| a.date == b.date && near(a.close, b.close) && near(a.volume, b.volume);
    assert!(found.len() == truth.len() && found.iter().zip(truth).all(is_same), "{found:?}\n{truth:?}");
}

#[test]
fn a_rebased_history_keeps_what_only_we_have_in_the_new_unit() {
    let (truth, raw) = splitting(12, 30, 0.5);
    let given: Vec<Bar> = truth[2..].iter().filter(|bar| bar.date != truth[6].date).copied().collect();
    assert_close(&rebased(&raw, &given).unwrap(), &truth);
}

#[test]
fn a_session_after_the_split_that_only_we_have_is_in_the_new_unit_already() {
    let (truth, raw) = splitting(12, 7, 0.5);
    let given: Vec<Bar> = truth.iter().filter(|bar| bar.date != truth[9].date).copied().collect();
    assert_close(&rebased(&raw, &given).unwrap(), &truth);
}

#[test]
fn next_to_the_split_its_price_tells_the_unit_of_a_session_that_only_we_have() {
    for ratio in [0.5, 0.1, 10.0] {
        let (truth, raw) = splitting(12, 7, ratio);
        // The last one before the split, the first one after it, and all of those after it.
        for missing in [5..6, 6..7, 5..7, 6..12, 5..12] {
            let left = |(at, _): &(usize, &Bar)| !missing.contains(at);
            let given: Vec<Bar> = truth.iter().enumerate().filter(left).map(|(_, bar)| *bar).collect();
            assert_close(&rebased(&raw, &given).unwrap(), &truth);
        }
    }
}

proptest! {
    /// Whatever a source lacks of the history that it rebased: no stored bar is brought to the new unit twice, and none
    /// is left in the old one.
    #[test]
    fn however_much_a_rebased_history_lacks_every_bar_is_in_one_unit(
        split in 4_u32..29,
        ratio in prop::sample::select(vec![0.5, 0.2, 0.1, 1.0 / 3.0, 2.0, 5.0, 10.0]),
        is_there in prop::collection::vec(prop::bool::weighted(0.8), 28),
    ) {
        let (truth, raw) = splitting(28, split, ratio);
        let given: Vec<Bar> = truth.iter().zip(&is_there).filter(|(_, there)| **there).map(|(bar, _)| *bar).collect();
        let before = is_there.iter().take(split as usize - 1).filter(|there| **there).count();
        prop_assume!(before >= 3);
        assert_close(&rebased(&raw, &given).unwrap(), &truth);
    }
}
