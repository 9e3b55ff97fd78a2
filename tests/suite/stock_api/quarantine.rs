//! Rows that were not loaded: listed, shown, accepted and discarded.

use axum::http::StatusCode;
use data_infrastructure::{
    audit::store::{AuditFilter, list as audited},
    jobs::RunId,
    stock::{
        bar::{Bar, Basis, CompanyId, Rejection},
        store::{quarantine, revisions, series},
    },
};
use serde_json::{Value, json};

use super::fixture::House;
use crate::support::{TestStore, on_both_databases};

const LIST: &str = "/api/v1/quarantine";

fn bar(date: &str, close: f64) -> Bar {
    let price = |plus: f64| Some(close + plus);
    let date = date.parse().unwrap();
    Bar { date, open: price(0.0), high: price(1.0), low: price(-1.0), close: price(0.0), volume: Some(500.0) }
}

fn rejection(bar: Bar) -> Rejection {
    let raw = format!("{},{:?},\"x\"", bar.date, bar.close);
    Rejection { date: Some(bar.date), bar: Some(Box::new(bar)), raw, reason: "the close leaps".into(), decided: None }
}

/// Keeps a row of a company; gives its id.
async fn keep(house: &House, company: &str, source: (&str, Basis), row: Rejection) -> String {
    let company = CompanyId::parse(company).unwrap();
    let run = RunId::generate();
    let connection = house.database.connection();
    assert_eq!(quarantine::add(connection, &company, source, &run, &[row]).await.unwrap(), 1);
    newest(house).await["id"].as_str().unwrap().to_owned()
}

async fn newest(house: &House) -> Value {
    house.get(LIST).await.json()["items"][0].clone()
}

async fn version(house: &House) -> i64 {
    series::find(house.database.connection(), &CompanyId::parse("0001").unwrap()).await.unwrap().version
}

const YAHOO: (&str, Basis) = ("yahoo", Basis::Split);

on_both_databases!(rows_are_listed_newest_first_in_pages_and_by_filter, |store: TestStore| async {
    let house = House::with_market(store).await;
    let first = keep(&house, "0001", YAHOO, rejection(bar("2026-11-16", 90.5))).await;
    let unread = Rejection { date: None, bar: None, raw: "<b>".into(), reason: "no row".into(), decided: None };
    let second = keep(&house, "0001", ("kabutan", Basis::Split), unread).await;
    let third = keep(&house, "S001", YAHOO, rejection(bar("2020-12-01", 5.0))).await;
    let ids = async |query: &str| -> Vec<String> {
        let found = house.get(&format!("{LIST}?{query}")).await;
        assert_eq!(found.status, StatusCode::OK, "{query}: {}", found.text);
        found.json()["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("").await, [third.as_str(), &second, &first]);
    assert_eq!(ids("stockCode=7203").await, [second.as_str(), &first]);
    assert_eq!(ids("source=kabutan&state=held").await, [second.as_str()]);
    assert_eq!(ids("state=accepted").await, Vec::<String>::new());
    assert_eq!(ids("since=2100-01-01").await, Vec::<String>::new());
    assert_eq!(ids("since=2020-01-01").await.len(), 3);

    let page = house.get(&format!("{LIST}?limit=2")).await;
    let cursor = page.json()["nextCursor"].as_str().unwrap().to_owned();
    assert_eq!((cursor.as_str(), page.header("next-cursor")), (second.as_str(), second.as_str()));
    let last = house.get(&format!("{LIST}?limit=2&cursor={cursor}")).await.json();
    assert_eq!((&last["items"][0]["id"], &last["nextCursor"]), (&json!(first), &json!(null)));

    let row = &last["items"][0];
    assert_eq!((&row["stockCode"], &row["companyName"]), (&json!("7203"), &json!("トヨタ <自動車>")));
    assert_eq!((&row["open"], &row["close"], &row["basis"]), (&json!(90.5), &json!(90.5), &json!("split")));
    assert_eq!((&row["readable"], &row["state"], &row["decidedAt"]), (&json!(true), &json!("held"), &json!(null)));
    assert_eq!(house.get(&format!("{LIST}/{first}")).await.json(), *row);
    let unread = house.get(&format!("{LIST}/{second}")).await.json();
    assert_eq!((&unread["readable"], &unread["close"], &unread["raw"]), (&json!(false), &json!(null), &json!("<b>")));

    let csv = house.get(&format!("{LIST}?stockCode=7203&format=csv")).await;
    assert_eq!(csv.text.lines().count(), 3, "{}", csv.text);
    assert!(csv.text.starts_with("id,state,companyId,stockCode,companyName,source,date,reason,raw,readable,open,"));
    assert!(csv.text.contains(&format!("{first},held,0001,7203,トヨタ <自動車>,yahoo,2026-11-16,the close leaps,")));
});

on_both_databases!(an_unchanged_list_is_304_and_a_decision_changes_it, |store: TestStore| async {
    let house = House::with_market(store).await;
    let id = keep(&house, "0001", YAHOO, rejection(bar("2026-11-16", 90.5))).await;
    for path in [LIST.to_owned(), format!("{LIST}/{id}")] {
        let reply = house.get(&path).await;
        assert_eq!(reply.header("cache-control"), "private, max-age=0, must-revalidate", "{path}");
        let known = [("if-none-match", reply.header("etag"))];
        assert_eq!(house.get_with(&path, &known).await.status, StatusCode::NOT_MODIFIED, "{path}");
    }
    let known = house.get(LIST).await;
    house.change("POST", &format!("/quarantine/{id}/discard"), "").await;
    let again = house.get_with(LIST, &[("if-none-match", known.header("etag"))]).await;
    assert_eq!(again.status, StatusCode::OK);
});

#[tokio::test]
async fn bad_parameters_are_named() {
    let house = House::with_market(TestStore::sqlite()).await;
    for (query, status, text) in [
        ("state=gone", 400, "held, accepted, discarded"),
        ("limit=0", 400, "1 to 500"),
        ("cursor=x", 400, "no cursor"),
        ("since=yesterday", 400, "no instant"),
        ("run=x", 400, "no id of a run"),
        ("source=%00", 400, "control character"),
        ("stockCode=72%2003", 400, "no stock code"),
        ("stockCode=9999", 404, "9999"),
        ("colour=red", 400, "colour"),
        ("format=xml", 400, "json, csv or ndjson"),
    ] {
        let reply = house.get(&format!("{LIST}?{query}")).await;
        assert_eq!(reply.status, status, "{query}");
        assert!(reply.text.contains(text), "{query}: {}", reply.text);
    }
    for id in ["x", "%00", "%FF", "0198c0de-0000-7000-8000-000000000000"] {
        assert_eq!(house.get(&format!("{LIST}/{id}")).await.status, StatusCode::NOT_FOUND, "{id}");
        for what in ["accept", "discard"] {
            let path = format!("/quarantine/{id}/{what}");
            assert_eq!(house.change("POST", &path, "").await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}

on_both_databases!(an_accepted_row_is_loaded_recorded_and_stays_accepted, |store: TestStore| async {
    let house = House::with_market(store).await;
    house.sql("UPDATE stockprice_series SET indicator_spec = 'sma5,ema25'", []).await;
    let correction = keep(&house, "0001", YAHOO, rejection(bar("2026-11-20", 321.5))).await;
    let missing = keep(&house, "0001", YAHOO, rejection(bar("2026-11-17", 90.0))).await;
    let before = version(&house).await;

    let note = r#"{"note":"the issuer says so"}"#;
    let done = house.change("POST", &format!("{LIST}/{correction}/accept"), note).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let row = done.json();
    assert_eq!((&row["state"], &row["decidedBy"]), (&json!("accepted"), &json!("default")));
    assert_eq!((&row["note"], row["decidedAt"].is_string()), (&json!("the issuer says so"), true));
    assert_eq!(house.change("POST", &format!("/quarantine/{missing}/accept"), "").await.status, StatusCode::OK);
    assert_eq!(version(&house).await, before + 2);

    let stored = house.get("/api/v1/stockprices/rawdata/7203?startDate=2026-11-17").await.json();
    let closes: Vec<_> = stored["data"].as_array().unwrap().iter().map(|bar| bar["close"].clone()).collect();
    assert_eq!((&closes[0], &closes[3], closes.len()), (&json!(90.0), &json!(321.5), 4));
    let revisions = house.get("/api/v1/revisions?stockCode=7203").await.json();
    let kinds: Vec<_> = revisions["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["kind"], &row["oldClose"], &row["newClose"]))
        .collect();
    assert_eq!(
        kinds,
        [(&json!("accepted"), &json!(null), &json!(90.0)), (&json!("accepted"), &json!(101.0), &json!(321.5))]
    );

    // Again is nothing new, and it cannot be taken back.
    let again = house.change("POST", &format!("/quarantine/{correction}/accept"), "").await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, row));
    let other = house.change("POST", &format!("/quarantine/{correction}/discard"), "").await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert!(other.text.contains("the row is accepted already"), "{}", other.text);
    assert_eq!(version(&house).await, before + 2);

    let rows =
        audited(house.database.connection(), &AuditFilter { limit: 10, ..AuditFilter::default() }).await.unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row.action.as_str(), row.subject.as_str(), row.note.as_str())).collect();
    assert_eq!(
        told,
        [("quarantine.accept", missing.as_str(), ""), ("quarantine.accept", &correction, "the issuer says so")]
    );
    let after = json!({"state": "accepted", "stockCode": "7203", "date": "2026-11-20", "source": "yahoo"});
    assert_eq!((&rows[1].before, &rows[1].after), (&Some(json!({"state": "held"})), &Some(after)));
});

on_both_databases!(an_accepted_row_without_trades_is_a_session_without_prices, |store: TestStore| async {
    let house = House::with_market(store).await;
    let flat = Bar { high: Some(90.0), low: Some(90.0), volume: Some(0.0), ..bar("2026-11-17", 90.0) };
    let id = keep(&house, "0001", YAHOO, rejection(flat)).await;
    assert_eq!(house.change("POST", &format!("/quarantine/{id}/accept"), "").await.status, StatusCode::OK);
    let stored = house.get("/api/v1/stockprices/rawdata/7203?startDate=2026-11-17&endDate=2026-11-17").await.json();
    let none = json!({"date": "2026-11-17", "open": null, "high": null, "low": null, "close": null, "volume": null});
    assert_eq!(stored["data"], json!([none]));
});

on_both_databases!(a_discarded_row_loads_nothing_and_stays_discarded, |store: TestStore| async {
    let house = House::with_market(store).await;
    let id = keep(&house, "0001", YAHOO, rejection(bar("2026-11-17", 90.0))).await;
    let before = version(&house).await;
    for _ in 0..2 {
        let done = house.change("POST", &format!("/quarantine/{id}/discard"), "").await;
        assert_eq!((done.status, &done.json()["state"]), (StatusCode::OK, &json!("discarded")));
    }
    assert_eq!(house.change("POST", &format!("/quarantine/{id}/accept"), "").await.status, StatusCode::CONFLICT);
    assert_eq!(version(&house).await, before);
    // The same row met again is the same row.
    let company = CompanyId::parse("0001").unwrap();
    let again = [rejection(bar("2026-11-17", 90.0))];
    let kept = quarantine::add(house.database.connection(), &company, YAHOO, &RunId::generate(), &again).await.unwrap();
    assert_eq!((kept, &newest(&house).await["state"]), (0, &json!("discarded")));
});

on_both_databases!(what_cannot_be_a_bar_of_the_series_is_refused_and_changes_nothing, |store: TestStore| async {
    let house = House::with_market(store).await;
    let plain = bar("2026-11-17", 90.0);
    let raw = "2026-11-01 to 2026-11-20".into();
    let whole = Rejection { date: None, bar: None, raw, reason: "differs".into(), decided: None };
    let nan = Bar { high: Some(f64::NAN), ..plain };
    let cases = [
        (YAHOO, whole, 422, "could not be read"),
        (YAHOO, rejection(nan), 422, "could not be read"),
        (YAHOO, rejection(Bar { volume: Some(-1.0), ..plain }), 422, "the volume -1 is negative"),
        (YAHOO, rejection(Bar { low: Some(0.0), ..plain }), 422, "the low 0 is not above 0"),
        (YAHOO, rejection(Bar { open: None, ..plain }), 422, "open missing"),
        (YAHOO, rejection(bar("2026-11-24", 90.0)), 409, "2026-11-24 is no session that is over"),
        (("stooq", Basis::SplitDividend), rejection(plain), 409, "split_dividend"),
    ];
    let before = version(&house).await;
    for (n, (source, row, status, text)) in cases.into_iter().enumerate() {
        let id = keep(&house, "0001", source, Rejection { raw: format!("{} {n}", row.raw), ..row }).await;
        let reply = house.change("POST", &format!("/quarantine/{id}/accept"), "").await;
        assert_eq!(reply.status, status, "{}", reply.text);
        assert!(reply.text.contains(text), "{}", reply.text);
        assert_eq!(newest(&house).await["state"], "held");
    }
    let old = keep(&house, "0001", YAHOO, rejection(plain)).await;
    let company = CompanyId::parse("0001").unwrap();
    let day = "2026-11-20".parse().unwrap();
    revisions::add_rebase(house.database.connection(), &company, "yahoo", &RunId::generate(), day, 0.5).await.unwrap();
    let reply = house.change("POST", &format!("/quarantine/{old}/accept"), "").await;
    assert_eq!(reply.status, StatusCode::CONFLICT);
    assert!(reply.text.contains("the history was rebased on"), "{}", reply.text);
    assert_eq!(version(&house).await, before);
    let rows =
        audited(house.database.connection(), &AuditFilter { limit: 10, ..AuditFilter::default() }).await.unwrap();
    assert!(rows.is_empty());
});

on_both_databases!(an_acceptance_that_cannot_be_written_down_loads_nothing, |store: TestStore| async {
    let house = House::with_market(store).await;
    let id = keep(&house, "0001", YAHOO, rejection(bar("2026-11-17", 90.0))).await;
    let before = version(&house).await;
    house.sql("ALTER TABLE audit RENAME TO audit_away", []).await;
    let reply = house.change("POST", &format!("/quarantine/{id}/accept"), "").await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    house.sql("ALTER TABLE audit_away RENAME TO audit", []).await;
    assert_eq!((version(&house).await, &newest(&house).await["state"]), (before, &json!("held")));
    let stored = house.get("/api/v1/stockprices/rawdata/7203?startDate=2026-11-17").await.json();
    assert_eq!(stored["data"].as_array().unwrap().len(), 3);
});

on_both_databases!(of_many_who_decide_at_once_one_does, |store: TestStore| async {
    let house = House::with_market(store).await;
    let id = keep(&house, "0001", YAHOO, rejection(bar("2026-11-17", 90.0))).await;
    let paths: Vec<String> = ["accept", "discard"].iter().map(|what| format!("/quarantine/{id}/{what}")).collect();
    let replies = futures_util::future::join_all((0..12).map(|n| house.change("POST", &paths[n % 2], ""))).await;
    let state = newest(&house).await["state"].as_str().unwrap().to_owned();
    let done = replies.iter().filter(|reply| reply.status == StatusCode::OK);
    assert!(done.clone().count() == 6 && done.into_iter().all(|reply| reply.json()["state"] == state.as_str()));
    let rows =
        audited(house.database.connection(), &AuditFilter { limit: 10, ..AuditFilter::default() }).await.unwrap();
    assert_eq!(rows.len(), 1);
});

#[tokio::test]
async fn deciding_is_for_operators_and_takes_a_note_at_most() {
    let house = House::with_market(TestStore::sqlite()).await;
    let id = keep(&house, "0001", YAHOO, rejection(bar("2026-11-17", 90.0))).await;
    let json = ("content-type", "application/json");
    for prefix in ["/quarantine", LIST, "/stock-prediction-dashboard/api/v1/quarantine"] {
        for what in ["accept", "discard"] {
            let path = format!("{prefix}/{id}/{what}");
            assert_eq!(house.send("POST", &path, &[json], "").await.status, StatusCode::UNAUTHORIZED, "{path}");
            let eyes = [("authorization", "Bearer eyes-token"), json];
            assert_eq!(house.send("POST", &path, &eyes, "").await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    let path = format!("{LIST}/{id}/discard");
    for (body, status) in [(r#"{"note":1}"#, 422), (r#"{"why":""}"#, 422), ("{", 400), (r#"{"note":"\u0000"}"#, 422)] {
        assert_eq!(house.change("POST", &path, body).await.status, status, "{body}");
    }
    assert_eq!(newest(&house).await["state"], "held");
    let ops = [("authorization", "Bearer ops-token"), json];
    let done = house.send("POST", &path, &ops, "{}").await;
    assert_eq!((done.status, &done.json()["decidedBy"]), (StatusCode::OK, &json!("ops")));
}

on_both_databases!(the_page_shows_what_is_held_and_what_to_do, |store: TestStore| async {
    let house = House::with_market(store).await;
    let empty = house.get("/quarantine").await;
    assert!(empty.header("content-type").starts_with("text/html"));
    assert!(empty.text.contains("There is no such row"), "{}", empty.text);
    let id = keep(&house, "0001", YAHOO, rejection(bar("2026-11-17", 1234.5))).await;
    let page = house.get_with("/quarantine?stockCode=7203", &[("host", "data.example:8080")]).await.text;
    for text in [
        "href=\"/companies/7203\"",
        "トヨタ &lt;自動車&gt;",
        "2026-11-17",
        "the close leaps",
        "&quot;x&quot;",
        ">1,234.5<",
        &id,
        "http://data.example:8080/quarantine/ID/accept",
        "/quarantine?stockCode=7203&amp;state=discarded",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    house.change("POST", &format!("/quarantine/{id}/discard"), r#"{"note":"wrong"}"#).await;
    assert!(!house.get("/quarantine").await.text.contains(&id));
    let discarded = house.get("/quarantine?state=discarded").await.text;
    assert!(discarded.contains(&id) && discarded.contains("discarded by default: wrong"), "{discarded}");
});
