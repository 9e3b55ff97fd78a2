//! J-Quants' JSON.

use axum::http::StatusCode;
use serde_json::Value;

use super::super::{JQUANTS_FREE_KEY, JQUANTS_KEY};
use super::*;

async fn answer(fixture: &Fixture, key: &str, path: &str) -> (StatusCode, Value) {
    let url = format!("{}{path}", fixture.upstream.base_url("jquants"));
    let response = fixture.client.get(url).header("x-api-key", key).send().await.unwrap();
    let (status, text) = (response.status(), response.text().await.unwrap());
    (StatusCode::from_u16(status.as_u16()).unwrap(), serde_json::from_str(&text).unwrap())
}

async fn records(fixture: &Fixture, path: &str) -> Vec<Value> {
    let (mut found, mut key) = (Vec::new(), String::new());
    loop {
        let (status, body) = answer(fixture, JQUANTS_KEY, &format!("{path}{key}")).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        found.extend(body["data"].as_array().unwrap().iter().cloned());
        let Some(next) = body["pagination_key"].as_str() else { return found };
        key = format!("&pagination_key={next}");
    }
}

#[tokio::test]
async fn a_history_comes_in_pages_with_null_days_and_the_factor_of_a_split() {
    let fixture = Fixture::start().await;
    let bars = records(&fixture, "/equities/bars/daily?code=11040").await;
    let truth = market().bars_as_of("1104", day(AS_OF));
    assert_eq!(bars.len(), truth.len());
    for (record, bar) in bars.iter().zip(&truth) {
        assert_eq!(record["Date"].as_str().unwrap(), bar.date.to_string());
        assert_eq!((record["AdjC"].as_f64(), record["AdjVo"].as_f64()), (bar.close, bar.volume));
    }
    let factors: Vec<_> = bars.iter().filter(|record| record["AdjFactor"] != 1.0).collect();
    assert_eq!((factors.len(), factors[0]["Date"].as_str()), (1, Some("2023-03-30")));
    assert_eq!(factors[0]["AdjFactor"].as_f64(), Some(0.333333));
    let halted = records(&fixture, "/equities/bars/daily?code=11070&from=2017-05-10&to=2017-05-10").await;
    assert!(halted[0]["AdjC"].is_null() && halted[0]["O"].is_null(), "{halted:?}");
    fixture.stop().await;
}

#[tokio::test]
async fn a_day_has_everybody_listed_and_the_list_of_issues_too() {
    let fixture = Fixture::start().await;
    let day = records(&fixture, "/equities/bars/daily?date=2020-01-06").await;
    let codes: Vec<_> = day.iter().map(|record| record["Code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"11080") && !codes.contains(&"100A0"), "{codes:?}");
    let issues = records(&fixture, "/equities/master?date=2026-11-20").await;
    let codes: Vec<_> = issues.iter().map(|record| record["Code"].as_str().unwrap()).collect();
    assert!(!codes.contains(&"11080") && codes.contains(&"100A0"), "{codes:?}");
    assert_eq!(records(&fixture, "/equities/master?code=99990").await, Vec::<Value>::new());
    fixture.stop().await;
}

#[tokio::test]
async fn the_key_the_plan_and_the_parameters_are_looked_at() {
    let fixture = Fixture::start().await;
    for path in ["/equities/bars/daily?code=11010", "/equities/master?", "/markets/calendar?"] {
        let (status, body) = answer(&fixture, "no-key", path).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(body["message"], "The incoming api key is invalid or expired.");
    }
    let daily = "/equities/bars/daily";
    let status = async |query: &str| answer(&fixture, JQUANTS_KEY, &format!("{daily}?{query}")).await.0.as_u16();
    assert_eq!([status("").await, status("date=today").await, status("code=11010&pagination_key=x").await], [400; 3]);
    let newest = format!("{daily}?code=11010&from=2026-11-20&to=2026-11-20");
    let (status, body) = answer(&fixture, JQUANTS_FREE_KEY, &newest).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let told = "Your subscription covers the following dates: 2024-08-28 ~ 2026-08-28.";
    assert!(body["message"].as_str().unwrap().starts_with(told), "{body}");
    let within = format!("{daily}?code=11010&from=2024-08-28&to=2026-08-28");
    assert_eq!(answer(&fixture, JQUANTS_FREE_KEY, &within).await.0, StatusCode::OK);
    fixture.stop().await;
}
