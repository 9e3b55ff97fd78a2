//! What bad requests get.

use axum::http::StatusCode;

use super::fixture::House;
use crate::support::{TestStore, on_both_databases};

on_both_databases!(an_unknown_code_is_404_and_an_impossible_one_400, |store: TestStore| async {
    let house = House::with_market(store).await;
    for route in ["/api/v1/companies/", "/api/v1/stockprices/rawdata/", "/api/v1/stockprices/ma/", "/companies/"] {
        assert_eq!(house.get(&format!("{route}9999")).await.status, StatusCode::NOT_FOUND, "{route}");
        for code in ["72%2003", "%FF", "%00", "toolongforanystockcode", "%E3%83%88"] {
            let reply = house.get(&format!("{route}{code}")).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{route}{code}");
        }
    }
});

#[tokio::test]
async fn a_bad_parameter_is_named_with_what_would_be_right() {
    let house = House::with_market(TestStore::sqlite()).await;
    let many = format!("maTypes={}", (1..=51).map(|span| format!("sma{span}")).collect::<Vec<_>>().join(","));
    for (query, named, right) in [
        ("startDate=2026-1-1", "startDate", "YYYY-MM-DD"),
        ("endDate=2026-02-30", "endDate", "YYYY-MM-DD"),
        ("endDate=", "endDate", "YYYY-MM-DD"),
        ("startDate=2026-11-22", "startDate", "is after endDate 2026-11-21 (today)"),
        ("startDate=2020-01-02&endDate=2020-01-01", "endDate", "startDate 2020-01-02 is after endDate 2020-01-01"),
        ("endDate=2018-12-31", "endDate", "startDate 2019-01-01 (the default) is after endDate 2018-12-31"),
        ("format=xml", "format", "json, csv"),
        (
            "maTypes=sma5,sma401",
            "maTypes",
            "\\\"sma401\\\" is no moving average: write sma, ema or wma and a span of 1 to 400",
        ),
        ("maTypes=foo5", "maTypes", "as in sma5"),
        ("maTypes=", "maTypes", "as in sma5"),
        ("maTypes=sma5%27%20OR%201=1", "maTypes", "as in sma5"),
        (many.as_str(), "maTypes", "there are 51 moving averages; 50 at once are the most"),
        ("since=2020-01-01", "since", "startDate"),
    ] {
        let reply = house.get(&format!("/api/v1/stockprices/ma/7203?{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(reply.text.contains(named) && reply.text.contains(right), "{query}: {}", reply.text);
        assert_eq!(reply.json()["status"], 400);
        assert!(reply.json()["message"].is_string());
    }
    for path in [
        "/api/v1/companies?limit=501",
        "/api/v1/companies?cursor=a%20b",
        "/api/v1/companies/7203?x=1",
        "/api/v1/stockprices/rawdata/7203?maTypes=sma5",
    ] {
        assert_eq!(house.get(path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test]
async fn every_list_refuses_more_than_five_hundred_at_once() {
    let house = House::with_market(TestStore::sqlite()).await;
    for list in ["companies", "companies/search?companyName=a&", "coverage", "differences", "quarantine", "revisions"] {
        let list = if list.contains('?') { list.to_owned() } else { format!("{list}?") };
        for (limit, status) in [("500", 200), ("501", 400), ("0", 400), ("", 400)] {
            let reply = house.get(&format!("/api/v1/{list}limit={limit}")).await;
            assert_eq!(reply.status.as_u16(), status, "{list}limit={limit}: {}", reply.text);
            assert!(status == 200 || reply.json()["errors"][0]["param"] == "limit", "{}", reply.text);
        }
    }
}
