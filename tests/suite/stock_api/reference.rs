//! The series of the reference values in a database: 320 sessions from 2024-01-01 on, and some without trades between.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use sea_orm::Value;
use serde_json::Value as Json;

use super::fixture::{House, company};
use crate::support::TestStore;

/// What TA-Lib, pandas and statsmodels say; see the script beside it.
pub fn values() -> Json {
    serde_json::from_str(include_str!("../../reference/values.json")).unwrap()
}

pub fn numbers(values: &Json) -> Vec<Option<f64>> {
    values.as_array().unwrap().iter().map(Json::as_f64).collect()
}

/// The day of a session that has a close. After each tenth comes a day without trades.
pub fn day(session: usize) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new((session + session / 10) as u64)
}

/// 7203, whose id is 0001, with the series of the reference; 9433 with twice its closes; 130A without bars.
pub async fn house(store: TestStore) -> House {
    let house = House::empty(store).await;
    for (id, code) in [("0001", "7203"), ("0002", "9433"), ("S001", "130A")] {
        house.company(&company(id, code, "銘柄, \"one\"")).await;
    }
    let bars = &values()["bars"];
    let [open, high, low, close] = ["open", "high", "low", "close"].map(|name| numbers(&bars[name]));
    let mut rows = BTreeMap::new();
    for session in 0..close.len() {
        rows.insert(day(session), [open[session], high[session], low[session], close[session]]);
    }
    for tenth in (9..close.len()).step_by(10) {
        rows.insert(day(tenth) + Days::new(1), [None; 4]);
    }
    insert(&house, "0001", &rows).await;
    let twice =
        rows.into_iter().map(|(day, prices)| (day, prices.map(|price| price.map(|price| price * 2.0)))).collect();
    insert(&house, "0002", &twice).await;
    house
}

async fn insert(house: &House, id: &str, rows: &BTreeMap<NaiveDate, [Option<f64>; 4]>) {
    let bar = "INSERT INTO stockprice (company_id, date, open_price, high_price, low_price, close_price, volume, \
               source) VALUES ($1, $2, $3, $4, $5, $6, $7, 'kabutan')";
    for (at, (day, prices)) in rows.iter().enumerate() {
        // A logarithm of it is not always there.
        let volume = prices[3].map(|_| if at % 7 == 3 { 0.0 } else { 1_000.0 });
        let prices = prices.map(Value::from);
        house.sql(bar, [id.into(), (*day).into()].into_iter().chain(prices).chain([volume.into()])).await;
    }
    let series = "INSERT INTO stockprice_series (company_id, basis, source, newest_date, version, updated_at) \
                  VALUES ($1, 'split', 'kabutan', $2, 7, CURRENT_TIMESTAMP)";
    house.sql(series, [id.into(), (*rows.keys().last().unwrap()).into()]).await;
}

/// Compares to 1e-9 of each number.
pub fn assert_close(found: &[Option<f64>], expected: &[Option<f64>], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, pair) in found.iter().zip(expected).enumerate() {
        match pair {
            (Some(a), Some(b)) => assert!((a - b).abs() <= 1e-9 * b.abs() + 1e-11, "{what} at {at}: {a} for {b}"),
            (a, b) => assert_eq!(a, b, "{what} at {at}"),
        }
    }
}

/// A member of each row.
pub fn column(rows: &Json, name: &str) -> Vec<Option<f64>> {
    rows.as_array().unwrap().iter().map(|row| row[name].as_f64()).collect()
}
