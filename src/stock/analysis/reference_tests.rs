use serde_json::Value;

use super::*;
use crate::stock::calendar::real_data;

fn reference() -> Value {
    serde_json::from_str(include_str!("../../../tests/reference/values.json")).unwrap()
}

fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn transformed(closes: &[f64], case: &Value) -> Vec<f64> {
    let number = |name: &str| u16::try_from(case[name].as_u64().unwrap()).unwrap();
    let differences = u8::try_from(number("diffCount")).unwrap();
    let mut series =
        TimeSeries::new(Transform { log: case["log"].as_bool().unwrap(), period: number("period"), differences });
    closes.iter().filter_map(|close| series.push(*close)).collect()
}

fn assert_close(found: &[f64], expected: &[f64], digits: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= 1e-9 * b.abs() + digits, "{what} at {at}: {a} for {b}");
    }
}

fn column(of: &[Correlation], value: fn(&Correlation) -> Option<f64>) -> Vec<f64> {
    of.iter().map(|point| value(point).unwrap()).collect()
}

#[test]
fn transformed_series_agree_with_numpy() {
    let reference = reference();
    let closes = numbers(&reference["bars"]["close"]);
    for case in reference["timeSeries"].as_array().unwrap() {
        assert_close(&transformed(&closes, case), &numbers(&case["values"]), 1e-12, &case["period"].to_string());
    }
}

#[test]
fn correlations_and_their_bounds_agree_with_statsmodels() {
    let reference = reference();
    let closes = numbers(&reference["bars"]["close"]);
    for case in reference["correlograms"].as_array().unwrap() {
        let lags = usize::try_from(case["lags"].as_u64().unwrap()).unwrap();
        let values = transformed(&closes, case);
        assert!(lags <= greatest_lag(values.len()));
        let found = correlogram(&values, lags);
        for (name, found) in [
            ("acf", column(&found.acf, |point| point.corr)),
            ("acfLow", column(&found.acf, |point| point.low)),
            ("acfHigh", column(&found.acf, |point| point.high)),
            ("pacf", column(&found.pacf, |point| point.corr)),
            ("pacfLow", column(&found.pacf, |point| point.low)),
            ("pacfHigh", column(&found.pacf, |point| point.high)),
        ] {
            assert_close(&found, &numbers(&case[name]), 1e-11, &format!("{name} of period {}", case["period"]));
        }
    }
}

#[test]
fn the_shared_reference_values_agree_too() {
    let Some(text) = real_data::read("reference/reference_values.json") else { return };
    let reference: Value = serde_json::from_str(&text).unwrap();
    let closes = numbers(&reference["close"]);
    for (name, log, differences) in [("level", false, 0), ("diff", false, 1), ("logdiff", true, 1)] {
        let mut series = TimeSeries::new(Transform { log, period: 1, differences });
        let values: Vec<f64> = closes.iter().filter_map(|close| series.push(*close)).collect();
        let found = correlogram(&values, 10);
        let width = |point: &Correlation| Some(point.high? - point.corr?);
        for (key, found) in [
            (format!("acf_{name}"), column(&found.acf, |point| point.corr)),
            (format!("acf_{name}_bartlett_halfwidth"), column(&found.acf, width)),
            (format!("pacf_{name}_ywm"), column(&found.pacf, |point| point.corr)),
            (format!("pacf_{name}_halfwidth"), column(&found.pacf, width)),
        ] {
            // Its values have ten decimals.
            assert_close(&found, &numbers(&reference[&key]), 1e-10, &key);
        }
    }
}
