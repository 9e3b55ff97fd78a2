//! Moving averages that are stored, and any others.

use data_infrastructure::stock::{
    bar::CompanyId,
    indicators::MaType,
    store::{indicators, series},
};
use serde_json::json;

use super::fixture::House;
use crate::support::on_both_databases;

const STORED: &str = "/api/v1/stockprices/ma/7203";

/// 7203 with so many sessions, and three moving averages stored of them.
async fn house(store: crate::support::TestStore, sessions: u32) -> House {
    let house = House::empty(store).await;
    house.company(&super::fixture::company("0001", "7203", "トヨタ")).await;
    house.days("0001", sessions).await;
    let id = CompanyId::parse("0001").unwrap();
    let kept = ["sma5", "ema25", "wma75"].map(|name| MaType::parse(name).unwrap());
    let transaction = house.database.begin().await.unwrap();
    let positions = indicators::keep(&transaction, &kept).await.unwrap();
    let mut state = series::lock(&transaction, &id).await.unwrap();
    indicators::refresh(&transaction, &id, &positions, "2000-01-01".parse().unwrap()).await.unwrap();
    state.indicator_spec = positions.spec();
    series::save(&transaction, &id, &state).await.unwrap();
    transaction.commit().await.unwrap();
    house
}

on_both_databases!(computed_averages_are_bit_for_bit_the_stored_ones_over_any_range, |store: TestStore| async {
    let house = house(store, 6_000).await;
    let mut told = Vec::new();
    // All stored; two of them computed; all computed.
    for spec in ["sma5,ema25,wma75", "sma5", ""] {
        house.sql("UPDATE stockprice_series SET indicator_spec = $1", [spec.into()]).await;
        let mut texts = Vec::new();
        for query in [
            // A pass for each, in pieces.
            "?startDate=2000-01-01",
            "?startDate=2000-01-01&maTypes=wma75,sma5",
            // At once, within the first sessions and long after them.
            "?startDate=2000-01-03&endDate=2000-04-10",
            "?startDate=2010-01-01&endDate=2010-12-31&maTypes=ema25,%20sma5,ema25",
            "?startDate=2010-01-01&endDate=2010-01-01",
            "?startDate=1990-01-01&endDate=1999-12-31",
        ] {
            let reply = house.get(&format!("{STORED}{query}&format=csv")).await;
            assert_eq!(reply.status, 200, "{query}: {}", reply.text);
            texts.push(reply.text);
        }
        assert!(texts[0].lines().count() > 17_000, "{}", texts[0].lines().count());
        told.push(texts);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
    let whole: Vec<&str> = told[0][0].lines().skip(1).collect();
    let key = |line: &&str| (line.split(',').nth(1).unwrap().to_owned(), line.split(',').next().unwrap().to_owned());
    assert!(whole.is_sorted_by_key(key));
    assert_eq!((told[0][4].lines().count(), told[0][5].lines().count()), (4, 1));
});

on_both_databases!(a_span_that_nobody_keeps_is_computed_from_the_first_session_on, |store: TestStore| async {
    let house = house(store, 500).await;
    let found =
        house.get(&format!("{STORED}?maTypes=sma1,wma400,ema400&startDate=2001-05-01&endDate=2001-05-01")).await;
    let rows = found.json()["data"].as_array().unwrap().clone();
    let names: Vec<_> = rows.iter().map(|row| row["maType"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["ema400", "sma1", "wma400"]);
    let close = house.get("/api/v1/stockprices/rawdata/7203?startDate=2001-05-01&endDate=2001-05-01").await.json();
    assert_eq!(rows[1]["maValue"], close["data"][0]["close"]);

    // The 399 sessions with trade before a value's first have none.
    let first = house.get(&format!("{STORED}?maTypes=sma400&startDate=2000-01-01")).await.json();
    assert_eq!(first["data"][0]["date"], json!("2001-02-08"));
    let none = house.get(&format!("{STORED}?maTypes=sma400&startDate=2000-01-01&endDate=2001-02-07")).await.json();
    assert_eq!(none["data"], json!([]));
});
