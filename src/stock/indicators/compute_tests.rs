use proptest::prelude::*;

use super::*;
use crate::stock::calendar::real_data;
use crate::stock::indicators::spec;

fn ma(name: &str) -> MaType {
    MaType::parse(name).unwrap()
}

fn whole(closes: &[f64], name: &str) -> Vec<Option<f64>> {
    compute(closes, 0, ma(name), None, 0).unwrap()
}

/// What each definition says, written as it stands there.
fn by_definition(closes: &[f64], ma: MaType) -> Vec<Option<f64>> {
    let n = usize::from(ma.span());
    let a = 2.0 / (n as f64 + 1.0);
    let mut ema = closes[0];
    (0..closes.len())
        .map(|i| {
            if i > 0 {
                ema = a * closes[i] + (1.0 - a) * ema;
            }
            let window = closes.get((i + 1).checked_sub(n)?..=i)?;
            let weighted = window.iter().enumerate().map(|(age, close)| (age as f64 + 1.0) * close);
            Some(match ma.kind() {
                Kind::Sma => window.iter().sum::<f64>() / n as f64,
                Kind::Ema => ema,
                Kind::Wma => weighted.sum::<f64>() / (n * (n + 1) / 2) as f64,
            })
        })
        .collect()
}

fn assert_close(found: &[Option<f64>], expected: &[Option<f64>], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, pair) in found.iter().zip(expected).enumerate() {
        match pair {
            (Some(a), Some(b)) => assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{what} at {i}: {a} for {b}"),
            (a, b) => assert_eq!(a, b, "{what} at {i}"),
        }
    }
}

#[test]
fn small_cases_agree_with_a_calculation_by_hand() {
    let closes = [10.0, 13.0, 16.0, 11.0];
    assert_eq!(whole(&closes, "sma3"), [None, None, Some(13.0), Some(40.0 / 3.0)]);
    // (1·10 + 2·13 + 3·16) / 6 and (1·13 + 2·16 + 3·11) / 6
    assert_eq!(whole(&closes, "wma3"), [None, None, Some(14.0), Some(13.0)]);
    // a = 1/2: 10, 11.5, 13.75, 12.375
    assert_eq!(whole(&closes, "ema3"), [None, None, Some(13.75), Some(12.375)]);
    for name in ["sma1", "ema1", "wma1"] {
        assert_eq!(whole(&closes, name), closes.map(Some), "{name}");
    }
}

#[test]
fn nothing_is_emitted_before_the_nth_row() {
    for name in ["sma5", "ema5", "wma5"] {
        assert_eq!(whole(&[100.0; 4], name), [None; 4], "{name}");
        assert_eq!(whole(&[100.0; 5], name)[4], Some(100.0), "{name}");
        assert_eq!(whole(&[], name), [], "{name}");
        assert_eq!(compute(&[100.0; 4], 0, ma(name), None, 9), Ok(vec![]), "{name}");
    }
}

#[test]
fn an_end_of_a_series_that_is_too_short_is_refused() {
    let tail = [100.0; 5];
    assert_eq!(compute(&tail, 50, ma("sma5"), None, 3), Err(HistoryNeeded));
    assert!(compute(&tail, 50, ma("sma5"), None, 4).is_ok());
    assert_eq!(compute(&tail, 50, ma("ema5"), None, 4), Err(HistoryNeeded));
    assert!(compute(&tail, 50, ma("ema5"), Some(100.0), 0).is_ok());
    assert_eq!(rows_needed(ma("sma5")), 4);
}

#[test]
fn a_series_of_known_values_agrees_with_independent_libraries() {
    let Some(text) = real_data::read("reference/reference_values.json") else { return };
    let reference: serde_json::Value = serde_json::from_str(&text).unwrap();
    let series = |key: &str| -> Vec<Option<f64>> {
        reference[key].as_array().unwrap().iter().map(serde_json::Value::as_f64).collect()
    };
    let closes: Vec<f64> = series("close").into_iter().map(Option::unwrap).collect();
    for (name, key) in [("sma5", "sma5"), ("wma5", "wma5_talib"), ("ema5", "ema5_pandas_adjust_false_minp5")] {
        assert_close(&whole(&closes, name), &series(key), key);
    }
}

#[test]
fn nine_thousand_real_closes_agree_with_the_definitions() {
    let closes: Vec<f64> = real_data::jp_rows("7203").iter().map(|row| row.adjusted_close).collect();
    for ma in spec(&[5, 25, 75]).into_iter().filter(|_| !closes.is_empty()) {
        assert_close(&compute(&closes, 0, ma, None, 0).unwrap(), &by_definition(&closes, ma), &ma.to_string());
    }
}

/// The series computed in runs that end at `cuts`, each from no more than it needs.
fn in_runs(closes: &[f64], ma: MaType, cuts: &[usize]) -> Vec<Option<f64>> {
    let mut stored: Vec<Option<f64>> = Vec::new();
    for cut in cuts.iter().map(|cut| cut % (closes.len() + 1)).chain([closes.len()]) {
        let done = stored.len().min(cut);
        let resume = stored[..done].last().copied().flatten().filter(|_| ma.kind() == Kind::Ema);
        let reach = if ma.kind() == Kind::Ema && resume.is_none() { done } else { rows_needed(ma) };
        let first = done.saturating_sub(reach);
        stored.truncate(done);
        stored.extend(compute(&closes[first..cut], first, ma, resume, done - first).unwrap());
    }
    stored
}

fn bits(values: &[Option<f64>]) -> Vec<Option<u64>> {
    values.iter().map(|value| value.map(f64::to_bits)).collect()
}

proptest! {
    #[test]
    fn any_split_into_runs_gives_bit_for_bit_the_same(
        closes in prop::collection::vec(0.01..1e7_f64, 1..160),
        span in 1..40_u16,
        cuts in prop::collection::vec(any::<usize>(), 0..8),
    ) {
        for ma in spec(&[span]) {
            let whole = compute(&closes, 0, ma, None, 0).unwrap();
            prop_assert_eq!(bits(&in_runs(&closes, ma, &cuts)), bits(&whole), "{}", ma);
            assert_close(&whole, &by_definition(&closes, ma), &ma.to_string());
        }
    }

    #[test]
    fn any_arguments_give_a_value_for_each_row_or_an_error(
        closes in prop::collection::vec(any::<f64>(), 0..50),
        rows_before in 0..60_usize,
        span in 1..60_u16,
        resume in any::<Option<f64>>(),
        start in 0..60_usize,
    ) {
        for ma in spec(&[span]) {
            if let Ok(values) = compute(&closes, rows_before, ma, resume, start) {
                prop_assert_eq!(values.len(), closes.len().saturating_sub(start));
            }
        }
    }
}
