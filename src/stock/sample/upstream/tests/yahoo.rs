//! Yahoo's charts.

use serde_json::Value;

use super::super::single_precision;
use super::*;

/// Seconds at midnight UTC: before Tokyo's opening of that day only in name, it opens at that very second.
fn seconds(date: &str) -> i64 {
    day(date).and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp()
}

fn path(symbol: &str, from: &str, until: &str) -> String {
    let (from, until) = (seconds(from), seconds(until));
    format!("/v8/finance/chart/{symbol}?period1={from}&period2={until}&interval=1d&events=div%2Csplit")
}

async fn result(fixture: &Fixture, symbol: &str, from: &str, until: &str) -> Value {
    let answer: Value = serde_json::from_str(&fixture.text("yahoo", &path(symbol, from, until)).await).unwrap();
    assert_eq!(answer["chart"]["error"], Value::Null);
    answer["chart"]["result"][0].clone()
}

fn dates(result: &Value) -> Vec<String> {
    let zone: chrono_tz::Tz = result["meta"]["exchangeTimezoneName"].as_str().unwrap().parse().unwrap();
    let stamps = result["timestamp"].as_array().unwrap().iter();
    let instants = stamps.map(|stamp| chrono::DateTime::from_timestamp(stamp.as_i64().unwrap(), 0).unwrap());
    instants.map(|instant| instant.with_timezone(&zone).date_naive().to_string()).collect()
}

#[tokio::test]
async fn a_chart_has_the_bars_of_the_period_in_single_precision() {
    let fixture = Fixture::start().await;
    let result = result(&fixture, "1101.T", "2026-11-09", "2026-11-14").await;
    assert_eq!(dates(&result), ["2026-11-09", "2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13"]);
    let bars = market().bars_as_of("1101", day(AS_OF));
    let bars: Vec<_> = bars.iter().filter(|b| (day("2026-11-09")..day("2026-11-14")).contains(&b.date)).collect();
    let quote = &result["indicators"]["quote"][0];
    for (at, bar) in bars.iter().enumerate() {
        assert_eq!(quote["close"][at].as_f64(), bar.close.map(single_precision));
        assert_eq!(quote["high"][at].as_f64(), bar.high.map(single_precision));
        assert_eq!(quote["volume"][at].as_f64(), bar.volume);
    }
    assert_eq!(result["meta"]["currency"], "JPY");
    assert!(result["meta"]["longName"].as_str().unwrap().contains("(simulated)"));
    fixture.stop().await;
}

#[tokio::test]
async fn only_the_newest_bar_is_stamped_with_its_close() {
    let fixture = Fixture::start().await;
    let result = result(&fixture, "1101.T", "2026-11-19", "2026-11-21").await;
    assert_eq!(result["timestamp"][0], seconds("2026-11-19"));
    assert_eq!(result["timestamp"][1], seconds(AS_OF) + 6 * 3600 + 1800);
    assert_eq!(result["meta"]["regularMarketTime"], result["timestamp"][1]);
    fixture.stop().await;
}

#[tokio::test]
async fn a_holiday_has_a_phantom_row_with_the_last_close() {
    let fixture = Fixture::start().await;
    let result = result(&fixture, "1101.T", "2026-11-02", "2026-11-05").await;
    assert_eq!(dates(&result), ["2026-11-02", "2026-11-03", "2026-11-04"]);
    let quote = &result["indicators"]["quote"][0];
    assert_eq!((&quote["volume"][1], &quote["open"][1]), (&Value::from(0), &quote["close"][0]));
    fixture.stop().await;
}

#[tokio::test]
async fn a_halted_session_is_a_row_of_nulls() {
    let fixture = Fixture::start().await;
    let result = result(&fixture, "1107.T", "2017-05-09", "2017-05-16").await;
    let quote = &result["indicators"]["quote"][0];
    for column in ["open", "high", "low", "close", "volume"] {
        let nulls: Vec<bool> = quote[column].as_array().unwrap().iter().map(Value::is_null).collect();
        assert_eq!(nulls, [false, true, true, true, false], "{column}");
    }
    fixture.stop().await;
}

#[tokio::test]
async fn a_split_is_announced_on_its_day_and_rescales_what_lies_before() {
    let fixture = Fixture::start().await;
    fixture.upstream.set_as_of(day("2021-09-28"));
    let eve = result(&fixture, "1102.T", "2021-09-27", "2021-10-02").await;
    fixture.upstream.set_as_of(day("2021-09-30"));
    let after = result(&fixture, "1102.T", "2021-09-27", "2021-10-02").await;
    let close = |result: &Value| result["indicators"]["quote"][0]["close"][0].as_f64().unwrap();
    assert!((close(&eve) / close(&after) - 5.0).abs() < 1e-6);
    assert_eq!(eve["events"]["splits"], Value::Null);
    let split = &after["events"]["splits"][seconds("2021-09-29").to_string()];
    assert_eq!((&split["numerator"], &split["splitRatio"]), (&Value::from(5), &Value::from("5:1")));
    fixture.stop().await;
}

#[tokio::test]
async fn a_dividend_is_an_event_and_lowers_only_the_adjusted_close() {
    let fixture = Fixture::start().await;
    let result = result(&fixture, "1101.T", "2026-09-25", "2026-10-02").await;
    let event = &result["events"]["dividends"][seconds("2026-09-29").to_string()];
    assert_eq!(event["amount"], 32);
    let at = dates(&result).iter().position(|date| date == "2026-09-29").unwrap();
    let close = result["indicators"]["quote"][0]["close"].clone();
    let adjusted = result["indicators"]["adjclose"][0]["adjclose"].clone();
    assert!(adjusted[at - 1].as_f64() < close[at - 1].as_f64());
    assert_eq!(adjusted[at], close[at]);
    fixture.stop().await;
}

#[tokio::test]
async fn an_open_session_is_provisional_until_it_is_not() {
    let fixture = Fixture::start().await;
    fixture.upstream.set_provisional(true);
    let open = result(&fixture, "1101.T", "2026-11-19", "2026-11-21").await;
    fixture.upstream.set_provisional(false);
    let closed = result(&fixture, "1101.T", "2026-11-19", "2026-11-21").await;
    assert_eq!(open["timestamp"][1], seconds(AS_OF) + 2 * 3600);
    let column = |result: &Value, name: &str| result["indicators"]["quote"][0][name].clone();
    assert_eq!(column(&open, "close")[0], column(&closed, "close")[0]);
    assert_eq!(column(&open, "open")[1], column(&closed, "open")[1]);
    assert!(column(&open, "volume")[1].as_i64() < column(&closed, "volume")[1].as_i64());
    fixture.stop().await;
}

#[tokio::test]
async fn american_bars_open_in_new_york_and_end_in_2013() {
    let fixture = Fixture::start().await;
    let result = result(&fixture, "AAPL", "2013-02-27", "2014-01-01").await;
    assert_eq!(dates(&result), ["2013-02-27", "2013-02-28", "2013-03-01"]);
    assert_eq!(result["timestamp"][0], seconds("2013-02-27") + 14 * 3600 + 1800);
    assert_eq!(result["indicators"]["quote"][0]["close"][2].as_f64(), Some(single_precision(430.47)));
    fixture.stop().await;
}

#[tokio::test]
async fn what_there_is_not_is_refused_in_its_words() {
    let fixture = Fixture::start().await;
    let refused = async |path: String, status: u16, words: &str| {
        let response = fixture.get("yahoo", &path).await;
        assert_eq!(response.status(), status, "{path}");
        let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert!(body["chart"]["error"]["description"].as_str().unwrap().starts_with(words), "{body}");
        assert!(body["chart"]["result"].is_null());
    };
    for symbol in ["9999.T", "1101", "AAPL.T", "1101.F", "%3F"] {
        refused(path(symbol, "2026-11-01", "2026-11-21"), 404, "No data found").await;
    }
    refused(path("AAPL", "2020-01-01", "2020-02-01"), 400, "Data doesn't exist").await;
    refused(path("1108.T", "2022-01-04", "2022-02-01"), 400, "Data doesn't exist").await;
    refused(path("1101.T", "2010-01-04", "2010-02-01"), 400, "Data doesn't exist").await;
    refused("/v8/finance/chart/1101.T?period1=soon".to_owned(), 400, "Invalid input").await;
    refused("/v8/finance/chart/1101.T?interval=1h".to_owned(), 422, "Invalid input").await;
    fixture.stop().await;
}

#[tokio::test]
async fn a_weekend_has_a_result_without_bars() {
    let fixture = Fixture::start().await;
    let result = result(&fixture, "1101.T", "2026-11-14", "2026-11-16").await;
    assert!(result["timestamp"].is_null());
    assert_eq!(result["indicators"]["quote"][0], serde_json::json!({}));
    fixture.stop().await;
}
