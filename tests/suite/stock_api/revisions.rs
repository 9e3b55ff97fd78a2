//! Stored bars that were changed.

use axum::http::StatusCode;
use data_infrastructure::{
    jobs::RunId,
    stock::{
        bar::{Bar, CompanyId},
        overlap::Correction,
        store::revisions,
    },
};
use serde_json::json;

use super::fixture::{House, UNEVEN};
use crate::support::on_both_databases;

on_both_databases!(corrections_and_rebasings_are_listed_with_old_and_new, |store: TestStore| async {
    let house = House::with_market(store).await;
    let (connection, id, run) = (house.database.connection(), CompanyId::parse("0001").unwrap(), RunId::generate());
    let date = "2026-11-18".parse().unwrap();
    let old = Bar { date, open: None, high: None, low: None, close: None, volume: None };
    let new = Bar { close: Some(UNEVEN), volume: Some(7.0), ..old };
    revisions::add_corrections(connection, &id, "yahoo", &run, &[Correction { date, old, new }]).await.unwrap();
    revisions::add_rebase(connection, &id, "kabutan", &run, date, 0.2).await.unwrap();

    let all = house.get("/api/v1/revisions").await.json();
    let [rebase, correction] = all["items"].as_array().unwrap().as_slice() else { panic!("{all}") };
    assert_eq!((&rebase["kind"], &rebase["ratio"], &rebase["newClose"]), (&json!("rebase"), &json!(0.2), &json!(null)));
    assert_eq!((&correction["stockCode"], &correction["source"]), (&json!("7203"), &json!("yahoo")));
    assert_eq!((&correction["oldClose"], &correction["newClose"]), (&json!(null), &json!(UNEVEN)));
    assert_eq!((&correction["newVolume"], &correction["runId"]), (&json!(7.0), &json!(run.as_str())));
    assert_eq!(all["nextCursor"], json!(null));

    let first = house.get("/api/v1/revisions?limit=1&stockCode=7203").await.json();
    let rest = house.get(&format!("/api/v1/revisions?cursor={}", first["nextCursor"].as_str().unwrap())).await.json();
    assert_eq!(rest["items"], json!([correction]));
    assert_eq!(house.get("/api/v1/revisions?since=2100-01-01").await.json()["items"], json!([]));
    assert_eq!(house.get("/api/v1/revisions?stockCode=130A").await.json()["items"], json!([]));
    assert_eq!(house.get("/api/v1/revisions?stockCode=9999").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get("/api/v1/revisions?kind=x").await.status, StatusCode::BAD_REQUEST);
    let csv = house.get_with("/api/v1/revisions", &[("accept", "text/csv")]).await;
    assert_eq!(csv.text.lines().count(), 3, "{}", csv.text);
    let known = house.get("/api/v1/revisions").await;
    let again = house.get_with("/api/v1/revisions", &[("if-none-match", known.header("etag"))]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
});
