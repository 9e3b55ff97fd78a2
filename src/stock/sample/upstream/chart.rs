//! The JSON of one chart of Yahoo's.

use serde_json::{Map, Value, json};

use super::hours::{closing, midway, opening, utc_offset};
use super::state::View;
use crate::stock::bar::Bar;
use crate::stock::calendar::Market;
use crate::stock::sample::series::factor_on;

/// The number Yahoo sends for a price: rounded to single precision, then written with 15 significant digits.
#[must_use]
pub fn single_precision(price: f64) -> f64 {
    let single = f64::from(price as f32);
    format!("{single:.14e}").parse().unwrap_or(single)
}

/// `all` is what there is, `chosen` what lies in the period asked for, `events` the kinds asked for.
pub(super) fn chart(view: View<'_>, symbol: &str, all: &[Bar], chosen: &[&Bar], events: &str) -> Value {
    let stamps: Vec<i64> = chosen.iter().map(|bar| stamp(view, all, bar)).collect();
    let column = |value: fn(&Bar) -> Option<f64>| -> Value {
        chosen.iter().map(|bar| value(bar).map_or(Value::Null, number)).collect()
    };
    let mut quote = Map::new();
    let mut adjusted = Map::new();
    let mut result = Map::from_iter([("meta".to_owned(), meta(view, symbol, all, chosen))]);
    if !chosen.is_empty() {
        quote.insert("open".to_owned(), column(|bar| bar.open));
        quote.insert("high".to_owned(), column(|bar| bar.high));
        quote.insert("low".to_owned(), column(|bar| bar.low));
        quote.insert("close".to_owned(), column(|bar| bar.close));
        quote.insert("volume".to_owned(), chosen.iter().map(|bar| bar.volume.map(|v| v as i64)).collect());
        adjusted.insert("adjclose".to_owned(), adjusted_closes(view, chosen));
        result.insert("timestamp".to_owned(), json!(stamps));
        let events = happened(view, chosen, events);
        if !events.is_empty() {
            result.insert("events".to_owned(), Value::Object(events));
        }
    }
    result.insert("indicators".to_owned(), json!({"quote": [quote], "adjclose": [adjusted]}));
    Value::Object(result)
}

fn stamp(view: View<'_>, all: &[Bar], bar: &Bar) -> i64 {
    let market = view.series.market;
    match all.last() {
        Some(newest) if newest.date == bar.date && view.in_session => midway(market, bar.date),
        Some(newest) if newest.date == bar.date => closing(market, bar.date),
        _ => opening(market, bar.date),
    }
}

/// Whole numbers without a point, as there.
fn number(price: f64) -> Value {
    let price = single_precision(price);
    if price.fract() == 0.0 { json!(price as i64) } else { json!(price) }
}

fn adjusted_closes(view: View<'_>, chosen: &[&Bar]) -> Value {
    let factors = view.series.dividend_factors(view.as_of);
    let adjusted = |bar: &&Bar| bar.close.map(|close| number(close * factor_on(&factors, bar.date)));
    chosen.iter().map(adjusted).collect()
}

/// Splits and dividends of the days shown, by the stamp of their opening.
fn happened(view: View<'_>, chosen: &[&Bar], wanted: &str) -> Map<String, Value> {
    let shown = |date| chosen.iter().any(|bar| bar.date == date);
    let at = |date| opening(view.series.market, date);
    let splits: Map<String, Value> = view
        .series
        .splits_as_of(view.as_of)
        .iter()
        .filter(|split| shown(split.date) && view.tells_splits())
        .map(|split| (at(split.date).to_string(), split_event(at(split.date), split.ratio)))
        .collect();
    let dividends: Map<String, Value> = view
        .series
        .dividends_as_of(view.as_of)
        .iter()
        .filter(|dividend| shown(dividend.ex_date))
        .map(|d| (at(d.ex_date).to_string(), json!({"amount": number(d.amount), "date": at(d.ex_date)})))
        .collect();
    [("dividends", "div", dividends), ("splits", "split", splits)]
        .into_iter()
        .filter(|(_, word, found)| wanted.split([',', '|']).any(|one| one == *word) && !found.is_empty())
        .map(|(name, _, found)| (name.to_owned(), Value::Object(found)))
        .collect()
}

fn split_event(date: i64, ratio: f64) -> Value {
    let (new, old) = if ratio < 1.0 { (1.0, 1.0 / ratio) } else { (ratio, 1.0) };
    json!({
        "date": date, "numerator": number(new), "denominator": number(old),
        "splitRatio": format!("{}:{}", new.round(), old.round()),
    })
}

fn meta(view: View<'_>, symbol: &str, all: &[Bar], chosen: &[&Bar]) -> Value {
    let market = view.series.market;
    let (currency, exchange, zone) = match market {
        Market::Tokyo => ("JPY", "JPX", "JST"),
        Market::NewYork => ("USD", "NYQ", "EST"),
    };
    let close = |bar: &Bar| bar.close.map(number);
    let earlier = |first: &&Bar| all.iter().rev().find(|bar| bar.date < first.date && bar.close.is_some());
    let before = chosen.first().and_then(earlier);
    let (start, end) = (opening(market, view.as_of), closing(market, view.as_of));
    let offset = utc_offset(market, view.as_of);
    json!({
        "currency": currency, "symbol": symbol, "exchangeName": exchange, "instrumentType": "EQUITY",
        "firstTradeDate": all.first().map(|bar| opening(market, bar.date)),
        "regularMarketTime": all.last().map(|bar| stamp(view, all, bar)),
        "gmtoffset": offset, "timezone": zone, "exchangeTimezoneName": market.zone().name(),
        "regularMarketPrice": all.iter().rev().find_map(close),
        "chartPreviousClose": before.and_then(close),
        "longName": view.series.name, "shortName": view.series.name, "priceHint": 2,
        "currentTradingPeriod": {
            "regular": {"timezone": zone, "start": start, "end": end, "gmtoffset": offset},
        },
        "dataGranularity": "1d", "range": "",
    })
}
