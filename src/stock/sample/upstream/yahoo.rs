//! Yahoo's chart: `/v8/finance/chart/1101.T?period1=…&period2=…&interval=1d&events=div,split`.
//!
//! Prices adjusted for splits and in single precision, as there; `adjclose` for dividends too. A bar is stamped with
//! its opening, the newest one with its close; some weekday holidays in Japan have a phantom row of volume 0. Delisted
//! companies stay, so that the demo has one, where Yahoo drops them.

use axum::http::StatusCode;
use chrono::{Datelike, NaiveDate, Weekday};
use serde_json::json;

use super::chart::chart;
use super::hours::opening;
use super::page::{JSON, Page, Parameters};
use super::server::Asked;
use super::state::View;
use crate::stock::bar::Bar;
use crate::stock::calendar::Market;

pub(super) const NAME: &str = "yahoo";

pub(super) fn asked(symbol: &str) -> Asked {
    let symbol = symbol.to_ascii_uppercase();
    match symbol.rsplit_once('.') {
        Some((code, "T")) => Asked { code: code.to_owned(), market: Some(Market::Tokyo) },
        Some(_) => Asked { code: symbol, market: None },
        None => Asked { code: symbol, market: Some(Market::NewYork) },
    }
}

pub(super) fn page(view: Option<View<'_>>, symbol: &str, parameters: &Parameters) -> Page {
    let Some(view) = view else {
        return refusal(StatusCode::NOT_FOUND, "Not Found", "No data found, symbol may be delisted");
    };
    let period = |name: &str, default| parameters.get(name).map_or(Some(default), |text| text.parse::<i64>().ok());
    let (Some(from), Some(until)) = (period("period1", i64::MIN), period("period2", i64::MAX)) else {
        return refusal(StatusCode::BAD_REQUEST, "Bad Request", "Invalid input - period1 and period2 are seconds");
    };
    if let Some(other) = parameters.get("interval").filter(|interval| *interval != "1d") {
        let reason = format!("Invalid input - interval={other} is not supported");
        return refusal(StatusCode::UNPROCESSABLE_ENTITY, "Unprocessable Entity", &reason);
    }
    let bars = with_phantoms(view);
    let shown = |bar: &&Bar| (from..until).contains(&opening(view.series.market, bar.date));
    let chosen: Vec<&Bar> = bars.iter().filter(shown).collect();
    if chosen.is_empty() && outside_its_life(view, &bars, from, until) {
        let reason = format!("Data doesn't exist for startDate = {from}, endDate = {until}");
        return refusal(StatusCode::BAD_REQUEST, "Bad Request", &reason);
    }
    let result = chart(view, symbol, &bars, &chosen, parameters.get("events").map_or("", String::as_str));
    Page::ok(JSON, json!({"chart": {"result": [result], "error": null}}).to_string()).with_rows(chosen)
}

fn refusal(status: StatusCode, code: &str, description: &str) -> Page {
    let body = json!({"chart": {"result": null, "error": {"code": code, "description": description}}});
    Page::new(status, JSON, body.to_string())
}

/// The bars, and between them the last close once more on weekdays that were no session in Tokyo: on the third of a
/// month, which is about as often as Yahoo has them (22 in the twelve years to 2024 of one company).
fn with_phantoms(view: View<'_>) -> Vec<Bar> {
    let bars = view.bars();
    let mut all: Vec<Bar> = Vec::with_capacity(bars.len() + bars.len() / 12);
    let mut close = None;
    for bar in bars {
        if let (Market::Tokyo, Some(before)) = (view.series.market, all.last().map(|bar| bar.date)) {
            let gap = before.iter_days().skip(1).take_while(|day| *day < bar.date);
            let closed = gap.filter(|day| day.day() == 3 && is_weekday(*day) && !view.calendar().is_session(*day));
            all.extend(closed.map(|date| phantom(date, close)));
        }
        close = bar.close.or(close);
        all.push(bar);
    }
    all
}

fn is_weekday(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn phantom(date: NaiveDate, close: Option<f64>) -> Bar {
    Bar { date, open: close, high: close, low: close, close, volume: Some(0.0) }
}

/// Before the first bar, or after the last of a company that has no more to come.
fn outside_its_life(view: View<'_>, bars: &[Bar], from: i64, until: i64) -> bool {
    let stamp = |bar: Option<&Bar>| bar.map(|bar| opening(view.series.market, bar.date));
    let ended = view.series.listed_to.is_some_and(|last| last < view.as_of);
    stamp(bars.first()).is_some_and(|first| until <= first)
        || (ended && stamp(bars.last()).is_some_and(|last| last < from))
}
