//! Time series, candlesticks and correlograms.

use axum::http::StatusCode;
use serde_json::{Value as Json, json};

use super::fixture::House;
use super::reference::{self, assert_close, column, day, numbers};
use crate::support::{TestStore, on_both_databases};

const SERIES: &str = "/api/v1/stockprices/timeseries";

/// `period=…&log=…&diffCount=…` of a case of the reference.
fn query(case: &Json) -> String {
    format!("period={}&log={}&diffCount={}", case["period"], case["log"], case["diffCount"])
}

on_both_databases!(series_are_transformed_as_numpy_would, |store: TestStore| async {
    let house = reference::house(store).await;
    for case in reference::values()["timeSeries"].as_array().unwrap() {
        let document = house.get(&format!("{SERIES}?companyId=0001&{}", query(case))).await.json();
        let data = &document["stockPrices"][0]["data"];
        assert_close(&column(data, "value"), &numbers(&case["values"]), &query(case));
        let (period, left_out) = (case["period"].as_u64().unwrap(), case["diffCount"].as_u64().unwrap());
        let first = usize::try_from(period * left_out).unwrap();
        assert_eq!(data[0]["date"], day(first).to_string(), "{}", query(case));
        assert_eq!(data[1]["date"], day(first + usize::try_from(period).unwrap()).to_string(), "{}", query(case));
    }
});

on_both_databases!(several_companies_come_in_the_order_they_are_named_in_each_once, |store: TestStore| async {
    let house = reference::house(store).await;
    let path = "/stock-prediction-dashboard/api/v1/stockprices/timeseries";
    let asked = format!("companyId=0002,%200001,0002,S001&stockCode=9433&endDate={}", day(0));
    let document = house.get(&format!("{path}?{asked}")).await.json();
    let closes = numbers(&reference::values()["bars"]["close"]);
    let part = |id: &str, code: &str, data: Json| {
        let simulated = id == "S001";
        let (basis, source) = if simulated { (json!(null), json!(null)) } else { (json!("split"), json!("kabutan")) };
        let note = if simulated {
            "simulated by us"
        } else {
            "Kabutan (Minkabu the Infonoid): private use, no redistribution"
        };
        json!({"companyId": id, "companyName": "銘柄, \"one\"", "stockCode": code, "source": source, "basis": basis,
               "licenceNote": note, "simulated": simulated, "data": data})
    };
    let first = |factor: f64| json!([{"date": day(0).to_string(), "value": closes[0].unwrap() * factor}]);
    let expected = json!({
        "timestamp": "2026-11-20T22:00:00.000Z",
        "stockPrices": [part("0002", "9433", first(2.0)), part("0001", "7203", first(1.0)), part("S001", "130A", json!([]))]
    });
    assert_eq!(document, expected);
    let same = house.get(&format!("{path}?{asked}&isPrediction=true")).await.json();
    assert_eq!(same, expected, "there are no forecasts yet");
    let csv = house.get(&format!("{path}?{asked}&format=csv")).await;
    let lines = [("0002", "9433", 2000), ("0001", "7203", 1000)];
    let lines = lines.map(|(id, code, value)| format!("{id},\"銘柄, \"\"one\"\"\",{code},{},{value}.0\r\n", day(0)));
    assert_eq!(csv.text, format!("companyId,companyName,stockCode,date,value\r\n{}{}", lines[0], lines[1]));
    assert!(csv.header("data-licence-note").contains("; simulated by us"));
});

#[tokio::test]
async fn every_price_can_be_asked_for_and_a_volume_of_zero_has_no_logarithm() {
    let house = reference::house(TestStore::sqlite()).await;
    let bars = &reference::values()["bars"];
    for price in ["open", "high", "low", "close"] {
        let document = house.get(&format!("{SERIES}?stockCode=7203&priceType={price}")).await.json();
        assert_close(&column(&document["stockPrices"][0]["data"], "value"), &numbers(&bars[price]), price);
    }
    let values = async |query: &str| {
        let document = house.get(&format!("{SERIES}?companyId=0001&priceType=volume{query}")).await.json();
        column(&document["stockPrices"][0]["data"], "value")
    };
    let (plain, log) = (values("").await, values("&log=1").await);
    let zeros = plain.iter().filter(|value| **value == Some(0.0)).count();
    assert!(zeros > 0 && plain.len() == 320 && log.len() == 320 - zeros);
    assert!(log.iter().all(|value| *value == Some(1_000.0_f64.ln())));
}

on_both_databases!(candlesticks_are_the_prices_with_null_for_no_trade, |store: TestStore| async {
    let house = House::with_market(store).await;
    let path = "/api/v1/stockprices/timeseries/candlestick";
    let document = house.get(&format!("{path}?companyId=0001&startDate=2026-11-19")).await.json();
    assert_eq!((&document["companyId"], &document["stockCode"]), (&json!("0001"), &json!("7203")));
    let expected = json!([
        {"date": "2026-11-19", "open": null, "high": null, "low": null, "close": null},
        {"date": "2026-11-20", "open": 101.0, "high": 102.0, "low": 100.0, "close": 101.0},
    ]);
    assert_eq!(document["data"], expected);
    let csv = house.get(&format!("{path}?stockCode=7203&startDate=2026-11-19&format=csv")).await.text;
    assert_eq!(csv, "date,open,high,low,close\r\n2026-11-19,,,,\r\n2026-11-20,101.0,102.0,100.0,101.0\r\n");
});

on_both_databases!(correlograms_are_those_of_statsmodels, |store: TestStore| async {
    let house = reference::house(store).await;
    for case in reference::values()["correlograms"].as_array().unwrap() {
        let path = format!("{SERIES}/correlogram?companyId=0001&lags={}&{}", case["lags"], query(case));
        let document = house.get(&path).await.json();
        for kind in ["acf", "pacf"] {
            let lags: Vec<u64> =
                document[kind].as_array().unwrap().iter().map(|row| row["lag"].as_u64().unwrap()).collect();
            assert_eq!(lags, (0..=case["lags"].as_u64().unwrap()).collect::<Vec<_>>());
            for (member, suffix) in [("corr", ""), ("conf0025", "Low"), ("conf0975", "High")] {
                let name = format!("{kind}{suffix}");
                assert_close(&column(&document[kind], member), &numbers(&case[&name]), &format!("{name} {path}"));
            }
        }
    }
});

#[tokio::test]
async fn without_lags_there_are_thirty_or_as_many_as_the_series_allows() {
    let house = reference::house(TestStore::sqlite()).await;
    let asked = async |query: &str| house.get(&format!("{SERIES}/correlogram?companyId={query}")).await;
    let long = asked("0001").await.json();
    assert_eq!((long["acf"].as_array().unwrap().len(), &long["count"]), (31, &json!(320)));
    let short = asked(&format!("0001&endDate={}", day(6))).await.json();
    assert_eq!((short["pacf"].as_array().unwrap().len(), &short["count"]), (4, &json!(7)));
    let empty = asked("S001").await.json();
    let none = json!([{"lag": 0, "corr": null, "conf0025": null, "conf0975": null}]);
    assert_eq!((&empty["acf"], &empty["pacf"], &empty["count"]), (&none, &none, &json!(0)));
    let csv = asked(&format!("0001&endDate={}&lags=1&format=csv", day(9))).await.text;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!((lines[0], lines[1], lines.len()), ("kind,lag,corr,conf0025,conf0975", "acf,0,1.0,1.0,1.0", 5));
    assert!(lines[2].starts_with("acf,1,") && lines[4].starts_with("pacf,1,"));
}

on_both_databases!(a_series_that_stands_still_has_null_for_every_correlation, |store: TestStore| async {
    let house = reference::house(store).await;
    house.sql("UPDATE stockprice SET close_price = 0.1 WHERE close_price IS NOT NULL", []).await;
    let document = house.get(&format!("{SERIES}/correlogram?companyId=0001&lags=2")).await.json();
    let none = |lag: u8| json!({"lag": lag, "corr": null, "conf0025": null, "conf0975": null});
    assert_eq!(document["acf"], json!([none(0), none(1), none(2)]));
    assert_eq!(document["pacf"], document["acf"]);
});

#[tokio::test]
async fn a_bad_parameter_is_named_with_what_is_right() {
    let house = reference::house(TestStore::sqlite()).await;
    let long = format!("companyId={}", (0..21).map(|id| format!("{id:04}")).collect::<Vec<_>>().join(","));
    let (series, candles, correlogram) = ("", "/candlestick", "/correlogram");
    for (route, query, named, right) in [
        (series, "", "companyId", "companyId=0001"),
        (candles, "startDate=2024-01-01", "companyId", "companyId=0001"),
        (correlogram, "lags=3", "companyId", "companyId=0001"),
        (series, "companyId=", "companyId", "1 to 16 letters"),
        (series, "companyId=0001,", "companyId", "1 to 16 letters"),
        (series, "companyId=0001';DROP%20TABLE%20company;--", "companyId", "is no company id"),
        (series, "stockCode=72%2003", "stockCode", "is no stock code"),
        (series, long.as_str(), "companyId", "20 is the most"),
        (candles, "companyId=0001,0002", "companyId", "1 is the most"),
        (correlogram, "companyId=0001&stockCode=9433", "stockCode", "1 is the most"),
        (series, "companyId=0001&period=0", "period", "from 1 to 400"),
        (series, "companyId=0001&period=401", "period", "from 1 to 400"),
        (series, "companyId=0001&diffCount=-1", "diffCount", "from 0 to 10"),
        (series, "companyId=0001&diffCount=11", "diffCount", "from 0 to 10"),
        (series, "companyId=0001&log=yes", "log", "true"),
        (series, "companyId=0001&isPrediction=maybe", "isPrediction", "true"),
        (series, "companyId=0001&priceType=vwap", "priceType", "open, high, low, close, volume"),
        (series, "companyId=0001&startDate=2024-02-30", "startDate", "YYYY-MM-DD"),
        (series, "companyId=0001&startDate=2024-02-01&endDate=2024-01-01", "endDate", "on or before"),
        (series, "companyId=0001&lags=3", "lags", "diffCount"),
        (series, "companyId=0001&companyId=0002", "companyId", "companyId"),
        (candles, "companyId=0001&period=2", "period", "startDate"),
        (correlogram, "companyId=0001&lags=100000", "lags", "from 1 to 500"),
        (correlogram, "companyId=0001&lags=0", "lags", "from 1 to 500"),
        (correlogram, "companyId=0001&lags=161", "lags", "at most 160"),
        (correlogram, "companyId=0001&period=5&lags=33", "lags", "at most 32"),
        (correlogram, "companyId=S001&lags=1", "lags", "too few"),
        (correlogram, "companyId=0001&isPrediction=true", "isPrediction", "lags"),
        (correlogram, "companyId=0001&format=xml", "format", "json"),
    ] {
        let reply = house.get(&format!("{SERIES}{route}?{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{route}?{query}: {}", reply.text);
        assert_eq!(reply.json()["errors"][0]["param"], named, "{route}?{query}: {}", reply.text);
        assert!(reply.text.contains(right), "{route}?{query}: {}", reply.text);
    }
    let japanese = house.get_with(&format!("{SERIES}?companyId=0001&period=0"), &[("accept-language", "ja")]).await;
    assert_eq!(japanese.status, StatusCode::BAD_REQUEST);
    assert_eq!(house.get("/api/v1/companies").await.json()["companies"].as_array().unwrap().len(), 3);
}

on_both_databases!(an_unknown_company_is_404_on_each_route, |store: TestStore| async {
    let house = reference::house(store).await;
    for route in ["", "/candlestick", "/correlogram"] {
        for company in ["companyId=9999", "stockCode=NotExistCode"] {
            let reply = house.get(&format!("{SERIES}{route}?{company}")).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{route}?{company}: {}", reply.text);
        }
    }
});

on_both_databases!(long_series_of_several_companies_are_sent_piece_by_piece, |store: TestStore| async {
    let house = House::with_market(store).await;
    let dated = if house.database.is_postgres() { "DATE '1990-01-01' + i" } else { "date('1990-01-01', i || ' days')" };
    let sql = format!(
        "INSERT INTO stockprice (company_id, date, close_price) \
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 5999) \
         SELECT c.company_id, {dated}, i FROM n CROSS JOIN company c"
    );
    house.sql(&sql, []).await;
    let range = "startDate=1990-01-01&endDate=2010-01-01";
    let document = house.get(&format!("{SERIES}?companyId=S001,0001&period=7&diffCount=1&{range}")).await.json();
    for part in document["stockPrices"].as_array().unwrap() {
        assert_eq!(column(&part["data"], "value"), vec![Some(7.0); 857], "{}", part["companyId"]);
    }
    let correlogram = house.get(&format!("{SERIES}/correlogram?companyId=S001&lags=500&{range}")).await.json();
    assert_eq!((&correlogram["count"], correlogram["acf"].as_array().unwrap().len()), (&json!(6_000), 501));
});
