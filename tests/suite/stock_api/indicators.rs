//! `GET /indicators/{stockCode}`.

use axum::http::StatusCode;
use serde_json::json;

use super::fixture::House;
use super::reference::{self, assert_close, column, day, numbers};
use crate::support::{TestStore, on_both_databases, on_every_layout};

const ALL: &str = "rsi14,macd,bb20,atr14,return,logreturn,volatility20,sma7,ema50,wma200,sma1";

on_every_layout!(indicators_are_those_of_ta_lib_and_pandas_a_column_for_each_value, |store: TestStore| async {
    let house = reference::house(store).await;
    for prefix in ["/api/v1", "/stock-prediction-dashboard/api/v1"] {
        let reply = house.get(&format!("{prefix}/indicators/7203?names={ALL}")).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        let document = reply.json();
        assert_eq!(document["companyId"], "0001");
        assert_eq!(document["data"].as_array().unwrap().len(), 320, "sessions without a close have no row");
        assert_eq!(document["data"][10]["date"], day(10).to_string());
        let expected = reference::values();
        let members: Vec<&String> =
            document["data"][0].as_object().unwrap().keys().filter(|name| *name != "date").collect();
        assert_eq!(members.len(), 15);
        for name in members {
            assert_close(&column(&document["data"], name), &numbers(&expected["indicators"][name]), name);
        }
    }
});

on_both_databases!(no_value_depends_on_where_its_reader_begins, |store: TestStore| async {
    let house = reference::house(store).await;
    let whole = house.get(&format!("/api/v1/indicators/7203?names={ALL}")).await.json();
    let (from, to) = (day(150), day(200));
    let part = house.get(&format!("/api/v1/indicators/7203?names={ALL}&startDate={from}&endDate={to}")).await.json();
    assert_eq!(part["data"].as_array().unwrap()[..], whole["data"].as_array().unwrap()[150..=200]);
    // Before the first session too.
    let none = house.get("/api/v1/indicators/7203?names=rsi14&endDate=2020-01-01").await;
    assert_eq!((none.status, &none.json()["data"]), (StatusCode::OK, &json!([])));
    assert_eq!(house.get("/api/v1/indicators/130A?names=rsi14").await.json()["data"], json!([]));
});

on_both_databases!(
    without_names_the_kept_averages_come_and_their_numbers_are_the_stored_ones,
    |store: TestStore| async {
        let house = House::with_market(store).await;
        let document = house.get("/api/v1/indicators/7203").await.json();
        let row = |date: &str| json!({"date": date, "ema25": null, "sma5": null});
        assert_eq!(document["data"], json!([row("2026-11-18"), row("2026-11-20")]));
    }
);

#[tokio::test]
async fn names_come_once_and_in_order_and_csv_has_the_columns_too() {
    let house = reference::house(TestStore::sqlite()).await;
    let path = format!("/api/v1/indicators/7203?names=macd,%20sma1,macd&endDate={}", day(1));
    let reply = house.get_with(&path, &[("accept", "text/csv")]).await;
    let closes = numbers(&reference::values()["bars"]["close"]);
    let line = |session: usize| format!("{},,,,{:?}\r\n", day(session), closes[session].unwrap());
    assert_eq!(reply.text, format!("date,macd,macdSignal,macdHist,sma1\r\n{}{}", line(0), line(1)));
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"indicators-7203.csv\"");
    assert_eq!(reply.header("data-source"), "kabutan");
}

#[tokio::test]
async fn what_is_no_indicator_is_named_with_those_there_are() {
    let house = reference::house(TestStore::sqlite()).await;
    let many = format!("names={}", (1..=33).map(|span| format!("sma{span}")).collect::<Vec<_>>().join(","));
    for (query, named, right) in [
        ("names=foo5", "names", "rsi14, macd, bb20, atr14, return, logreturn, volatility20, and sma, ema, wma"),
        ("names=sma401", "names", "1 to 400 sessions"),
        ("names=", "names", "sma5"),
        ("names=sma5;DROP%20TABLE%20company", "names", "sma5"),
        ("names='%20OR%201=1--", "names", "sma5"),
        (many.as_str(), "names", "32 is the most"),
        ("startDate=2020-02-30", "startDate", "YYYY-MM-DD"),
        ("startDate=2024-02-01&endDate=2024-01-01", "endDate", "on or before"),
        ("maTypes=sma5", "maTypes", "names"),
        ("format=xml", "format", "json"),
    ] {
        let reply = house.get(&format!("/api/v1/indicators/7203?{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}: {}", reply.text);
        assert_eq!(reply.json()["errors"][0]["param"], named, "{query}");
        assert!(reply.text.contains(right), "{query}: {}", reply.text);
    }
    assert_eq!(house.get("/api/v1/indicators/NotExistCode?names=sma5").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get("/api/v1/indicators/72%2003").await.status, StatusCode::BAD_REQUEST);
}

on_both_databases!(a_long_history_is_computed_piece_by_piece_with_the_same_numbers, |store: TestStore| async {
    let house = House::with_market(store).await;
    let dated = if house.database.is_postgres() { "DATE '1990-01-01' + i" } else { "date('1990-01-01', i || ' days')" };
    let sql = format!(
        "INSERT INTO stockprice (company_id, date, close_price) \
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 5999) \
         SELECT 'S001', {dated}, 100 + i % 7 FROM n"
    );
    house.sql(&sql, []).await;
    let document = house.get("/api/v1/indicators/130A?names=sma7,return,ema3&startDate=1990-01-01").await.json();
    let rows = document["data"].as_array().unwrap();
    assert_eq!(rows.len(), 6_000);
    assert!(rows[..6].iter().all(|row| row["sma7"].is_null()) && rows[6..].iter().all(|row| row["sma7"] == 103.0));
    let close = |at: usize| 100.0 + (at % 7) as f64;
    let expected: Vec<_> = (1..6_000).map(|at| Some(close(at) / close(at - 1) - 1.0)).collect();
    assert_close(&column(&document["data"], "return")[1..], &expected, "return");

    // The end of it, read from the first session that is needed on, or from the first there is.
    let whole = |from: &str| rows[rows.iter().position(|row| row["date"] == from).unwrap()..].to_vec();
    for (from, names) in [
        ("2006-01-02", "sma7,return"),
        ("2006-01-02", "sma7,return,ema3"),
        ("2006-01-02", "sma1"),
        ("1990-01-03", "sma7,return"),
    ] {
        let path = format!("/api/v1/indicators/130A?names={names}&startDate={from}");
        let part = house.get(&path).await.json();
        let found = part["data"].as_array().unwrap();
        let expected = whole(from);
        assert_eq!(found.len(), expected.len(), "{path}");
        for (found, expected) in found.iter().zip(expected) {
            let same = names.split(',').filter(|name| *name != "sma1").all(|name| found[name] == expected[name]);
            assert!(same && found["date"] == expected["date"], "{path}: {found} for {expected}");
        }
    }
});
