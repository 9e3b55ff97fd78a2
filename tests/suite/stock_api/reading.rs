//! What the four routes answer.

use axum::http::StatusCode;
use data_infrastructure::db;
use serde_json::json;

use super::fixture::{House, UNEVEN};
use crate::support::{on_both_databases, on_every_layout};

on_both_databases!(companies_have_the_members_of_the_go_service_and_those_added, |store: TestStore| async {
    let house = House::with_market(store).await;
    let toyota = json!({
        "companyId": "0001", "companyName": "トヨタ <自動車>", "stockCode": "7203", "countryCode": "JP",
        "listedMarket": "プライム", "foundationDate": "1937-08-28", "longitude": 137.125, "latitude": null,
        "status": "active", "listedFrom": null, "listedTo": null, "simulated": false
    });
    let all = house.get("/api/v1/companies").await;
    assert_eq!((all.status, all.header("content-type")), (StatusCode::OK, "application/json"));
    let all = all.json();
    assert_eq!(all["timestamp"], "2026-11-20T22:00:00.000Z");
    assert_eq!(all["companies"][0], toyota);
    assert_eq!(all["companies"][1]["listedTo"], "2020-12-24");
    assert_eq!(all["companies"][1]["simulated"], true);
    for path in ["/api/v1/companies/7203", "/stock-prediction-dashboard/api/v1/companies/7203"] {
        let one = house.get(path).await.json();
        assert_eq!((one["companies"].as_array().unwrap().len(), &one["companies"][0]), (1, &toyota));
    }
    assert_eq!(house.get("/api/v1/companies/130a").await.json()["companies"][0]["status"], "delisted");
});

on_every_layout!(bars_come_by_date_from_2019_to_the_markets_today_with_null_for_no_trade, |store: TestStore| async {
    let house = House::with_market(store).await;
    let reply = house.get("/stock-prediction-dashboard/api/v1/stockprices/rawdata/7203").await;
    let licence = "Kabutan (Minkabu the Infonoid): private use, no redistribution; \
                   Yahoo Finance: private use, no redistribution";
    let expected = json!({
        "timestamp": "2026-11-20T22:00:00.000Z", "companyId": "0001", "companyName": "トヨタ <自動車>",
        "stockCode": "7203", "source": "yahoo", "basis": "split", "licenceNote": licence, "simulated": false,
        "data": [
            {"date": "2026-11-18", "open": UNEVEN, "high": UNEVEN + 1.0, "low": UNEVEN - 1.0, "close": UNEVEN,
             "volume": 1000.0},
            {"date": "2026-11-19", "open": null, "high": null, "low": null, "close": null, "volume": null},
            {"date": "2026-11-20", "open": 101.0, "high": 102.0, "low": 100.0, "close": 101.0, "volume": 1000.0},
        ]
    });
    assert_eq!(reply.json(), expected);
    let part = house.get("/api/v1/stockprices/rawdata/7203?startDate=2018-01-01&endDate=2018-12-28").await.json();
    assert_eq!((part["data"].as_array().unwrap().len(), &part["data"][0]["date"]), (1, &json!("2018-12-28")));
    for route in ["rawdata", "ma"] {
        let ever =
            house.get(&format!("/api/v1/stockprices/{route}/7203?startDate=0000-01-01&endDate=9999-12-31")).await;
        assert_eq!(ever.json()["data"].as_array().unwrap().len(), if route == "ma" { 3 } else { 4 });
    }
    let none = house.get("/api/v1/stockprices/rawdata/130A").await.json();
    assert_eq!(
        (&none["data"], &none["source"], &none["licenceNote"]),
        (&json!([]), &json!(null), &json!("simulated by us"))
    );
});

on_every_layout!(moving_averages_come_by_type_and_date_and_are_those_of_the_view, |store: TestStore| async {
    let house = House::with_market(store).await;
    let row = |date: &str, name: &str, value: f64| json!({"date": date, "maType": name, "maValue": value});
    let ema = [row("2026-11-18", "ema25", UNEVEN), row("2026-11-20", "ema25", 1e-7)];
    let sma = row("2026-11-20", "sma5", 1.0 / 3.0);
    let all = house.get("/api/v1/stockprices/ma/7203").await.json();
    assert_eq!(all["data"], json!([ema[0], ema[1], sma]));
    let some = house.get("/api/v1/stockprices/ma/7203?maTypes=sma5,%20ema25,sma5&endDate=2026-11-19").await.json();
    assert_eq!(some["data"], json!([ema[0]]));

    let sql = "SELECT date, ma_type, ma_value FROM stockprice_ma WHERE company_id = '0001' ORDER BY ma_type, date";
    let view = db::all(house.database.connection(), sql, []).await.unwrap();
    let view = view.iter().map(|found| {
        let date: chrono::NaiveDate = found.try_get_by_index(0).unwrap();
        let name: String = found.try_get_by_index(1).unwrap();
        row(&date.to_string(), &name, found.try_get_by_index(2).unwrap())
    });
    assert_eq!(all["data"], json!(view.collect::<Vec<_>>()));
});

on_both_databases!(every_table_is_given_as_csv_too, |store: TestStore| async {
    let house = House::with_market(store).await;
    let accept = [("accept", "text/csv")];
    let bars = house.get_with("/api/v1/stockprices/rawdata/7203?startDate=2026-11-19", &accept).await;
    assert_eq!(
        bars.text,
        "date,open,high,low,close,volume\r\n2026-11-19,,,,,\r\n2026-11-20,101.0,102.0,100.0,101.0,1000.0\r\n"
    );
    assert_eq!(bars.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(bars.header("data-source"), "yahoo");
    let averages = house.get("/api/v1/stockprices/ma/7203?maTypes=sma5&format=csv").await;
    assert_eq!(averages.text, "date,maType,maValue\r\n2026-11-20,sma5,0.3333333333333333\r\n");
    for path in ["/api/v1/companies", "/api/v1/companies/7203"] {
        let companies = house.get_with(path, &accept).await.text;
        let mut lines = companies.lines();
        assert!(lines.next().unwrap().starts_with("companyId,companyName,stockCode,countryCode,listedMarket,"));
        assert_eq!(lines.next(), Some("0001,トヨタ <自動車>,7203,JP,プライム,1937-08-28,137.125,,active,,,false"));
    }
});

on_both_databases!(a_series_longer_than_one_piece_is_whole_and_in_order, |store: TestStore| async {
    let house = House::with_market(store).await;
    let dated = if house.database.is_postgres() { "DATE '1990-01-01' + i" } else { "date('1990-01-01', i || ' days')" };
    let sql = format!(
        "INSERT INTO stockprice (company_id, date, close_price) \
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999) \
         SELECT 'S001', {dated}, i FROM n"
    );
    house.sql(&sql, []).await;
    let all = house.get("/api/v1/stockprices/rawdata/130A?startDate=1990-01-01").await.json();
    let closes: Vec<f64> = all["data"].as_array().unwrap().iter().map(|bar| bar["close"].as_f64().unwrap()).collect();
    assert_eq!(closes, (0..5_000).map(f64::from).collect::<Vec<_>>());
});
