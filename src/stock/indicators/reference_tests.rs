use serde_json::Value;

use super::*;
use crate::stock::{bar::Bar, calendar::real_data};

fn reference() -> Value {
    serde_json::from_str(include_str!("../../../tests/reference/values.json")).unwrap()
}

fn numbers(values: &Value) -> Vec<Option<f64>> {
    values.as_array().unwrap().iter().map(Value::as_f64).collect()
}

/// The bars of the reference, a day each.
fn bars(of: &Value) -> Vec<Bar> {
    let [open, high, low, close] = ["open", "high", "low", "close"].map(|name| numbers(&of[name]));
    let days = real_day(0).iter_days();
    let bar = |(at, date): (usize, chrono::NaiveDate)| Bar {
        date,
        open: open[at],
        high: high[at],
        low: low[at],
        close: close[at],
        volume: None,
    };
    (0..close.len()).zip(days).map(bar).collect()
}

fn real_day(after: u64) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + chrono::Days::new(after)
}

/// All values of one output.
fn pushed(bars: &[Bar], indicator: Indicator, output: usize) -> Vec<Option<f64>> {
    let mut operator = Operator::new(indicator);
    bars.iter().map(|bar| operator.push(bar)[output]).collect()
}

fn assert_close(found: &[Option<f64>], expected: &[Option<f64>], digits: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, pair) in found.iter().zip(expected).enumerate() {
        match pair {
            (Some(a), Some(b)) => assert!((a - b).abs() <= 1e-9 * b.abs() + digits, "{what} at {at}: {a} for {b}"),
            (a, b) => assert_eq!(a, b, "{what} at {at}"),
        }
    }
}

/// Which output of which indicator has this name.
fn output(name: &str) -> (Indicator, usize) {
    let average = MaType::parse(name).ok().map(Indicator::Average);
    let found = Indicator::NAMED.into_iter().chain(average).find_map(|indicator| {
        let at = indicator.outputs().iter().position(|output| output == name)?;
        Some((indicator, at))
    });
    found.unwrap_or_else(|| panic!("no indicator gives {name}"))
}

#[test]
fn every_indicator_agrees_with_ta_lib_and_pandas_from_its_first_value_on() {
    let reference = reference();
    let bars = bars(&reference["bars"]);
    let expected = reference["indicators"].as_object().unwrap();
    for (name, values) in expected {
        let (indicator, at) = output(name);
        assert_close(&pushed(&bars, indicator, at), &numbers(values), 1e-12, name);
    }
    for name in Indicator::NAMED.iter().flat_map(|indicator| indicator.outputs()) {
        assert!(expected.contains_key(name.as_ref()), "{name} is compared with nothing");
    }
}

#[test]
fn sessions_without_a_close_give_nothing_and_change_nothing() {
    let reference = reference();
    let bars = bars(&reference["bars"]);
    let none = |date| Bar { date, open: None, high: None, low: None, close: None, volume: None };
    let holes: Vec<Bar> = bars.iter().flat_map(|bar| [none(bar.date), *bar, none(bar.date)]).collect();
    for indicator in Indicator::NAMED.into_iter().chain(spec(&[7, 50]).into_iter().map(Indicator::Average)) {
        for at in 0..indicator.outputs().len() {
            let found = pushed(&holes, indicator, at);
            let (whole, of_holes) = (pushed(&bars, indicator, at), [found[0], found[2]]);
            let kept: Vec<_> = found.iter().skip(1).step_by(3).copied().collect();
            assert_eq!((kept, of_holes), (whole, [None, None]), "{indicator}");
        }
    }
}

#[test]
fn no_value_depends_on_sessions_before_its_reach() {
    let reference = reference();
    let bars = bars(&reference["bars"]);
    for indicator in Indicator::NAMED.into_iter().chain(spec(&[1, 7, 50]).into_iter().map(Indicator::Average)) {
        let Some(reach) = indicator.reach() else { continue };
        for at in 0..indicator.outputs().len() {
            let whole = pushed(&bars, indicator, at);
            let tail = pushed(&bars[200 - reach..], indicator, at);
            assert_eq!(tail[reach..], whole[200..], "{indicator}");
            assert!(reach == 0 || tail[reach - 1].is_none(), "{indicator}: its reach is shorter");
        }
    }
}

#[test]
fn a_range_without_high_or_low_is_left_out_of_the_average_range() {
    let reference = reference();
    let mut bars = bars(&reference["bars"]);
    bars.truncate(40);
    bars[20].high = None;
    bars[30].low = None;
    let found = pushed(&bars, Indicator::Atr, 0);
    let absent: Vec<usize> = (0..40).filter(|at| found[*at].is_none()).collect();
    assert_eq!(absent, (0..14).chain([20, 30]).collect::<Vec<_>>());
}

#[test]
fn what_is_no_number_is_never_given() {
    let close = |close| Bar { close: Some(close), ..bars(&reference()["bars"])[0] };
    for closes in [[0.0, 0.0, 100.0, -1.0, 5.0], [f64::NAN, f64::INFINITY, f64::MAX, f64::MIN, 1e308]] {
        let bars: Vec<Bar> = closes.iter().cycle().take(100).map(|value| close(*value)).collect();
        for indicator in Indicator::NAMED.into_iter().chain(spec(&[2, 5]).into_iter().map(Indicator::Average)) {
            for at in 0..MOST_OUTPUTS {
                let values = pushed(&bars, indicator, at);
                assert!(values.iter().flatten().all(|value| value.is_finite()), "{indicator}");
            }
        }
    }
}

#[test]
fn the_shared_reference_values_agree_too() {
    let Some(text) = real_data::read("reference/reference_values.json") else { return };
    let reference: Value = serde_json::from_str(&text).unwrap();
    let closes: Vec<f64> = numbers(&reference["close"]).into_iter().map(Option::unwrap).collect();
    let before = [closes[0]].into_iter().chain(closes.iter().copied());
    let bar = |(at, (close, open)): (usize, (f64, f64))| Bar {
        date: real_day(at as u64),
        open: Some(open),
        high: Some(open.max(close) + 0.5),
        low: Some(open.min(close) - 0.4),
        close: Some(close),
        volume: None,
    };
    let bars: Vec<Bar> = closes.iter().copied().zip(before).enumerate().map(bar).collect();
    for (name, key) in [
        ("rsi14", "rsi14_talib"),
        ("macd", "macd"),
        ("macdSignal", "macd_signal"),
        ("macdHist", "macd_hist"),
        ("bb20Upper", "bb_upper"),
        ("bb20Lower", "bb_lower"),
        ("atr14", "atr14_talib"),
        ("sma5", "sma5"),
        ("wma5", "wma5_talib"),
        ("ema5", "ema5_pandas_adjust_false_minp5"),
    ] {
        let (indicator, at) = output(name);
        // Its values have ten decimals.
        assert_close(&pushed(&bars, indicator, at), &numbers(&reference[key]), 1e-10, key);
    }
}
