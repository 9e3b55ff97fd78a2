//! Bad input through every route, as a table: whatever is wrong is told in both languages, with the parameter's name and
//! what is right, and changes nothing.

mod table;

use axum::http::StatusCode;
use data_infrastructure::db::{self, Database};
use data_infrastructure::fx;
use data_infrastructure::http::{Routes, Waiter};
use data_infrastructure::stock::api::{UploadsApi, uploads};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use self::table::{REFUSED, ROUTES, SQL, VALUES};
use super::fixture::{House, routes};
use crate::http::{Options, Reply, World, world::Given};
use crate::support::{TestStore, on_both_databases};

fn domain(given: &Given) -> (Routes, Option<Routes>) {
    let Given { database, triggers, clock } = given;
    let waiter = Waiter { database: database.clone(), clock: clock.clone(), draining: CancellationToken::new() };
    let files = uploads(UploadsApi { database: database.clone(), triggers: triggers.clone(), waiter });
    (routes(database).merge(fx::api::router(database.clone(), clock.clone())), Some(files))
}

/// A daemon with the stock market of [`House`], and what keeps its database.
async fn daemon(store: TestStore) -> (World, House) {
    let world = World::with(&store, Options::default(), domain).await;
    (world, House::with_market(store).await)
}

/// Sends a request in each language, and tells what is not as it should be about the refusal.
async fn refused(world: &World, request: (&str, &str, &str), status: u16, named: &[&str], says: &str) -> Vec<String> {
    let (method, path, body) = request;
    let kind = if path.contains("/imports?") { "text/csv" } else { "application/json" };
    let (mut faults, mut told) = (Vec::new(), Vec::new());
    for language in ["en", "ja"] {
        let headers = [("accept-language", language), ("content-type", kind)];
        let reply = world.send(method, path, &headers, body).await;
        let shown = format!("{method} {path} {body} in {language}: {} {}", reply.status, reply.text);
        if reply.status.as_u16() != status || reply.header("content-type") != "application/problem+json" {
            return vec![format!("not refused with {status}: {shown}")];
        }
        faults.extend(faults_of(&reply, language).into_iter().map(|fault| format!("{fault}: {shown}")));
        if !named.is_empty() && reply.named() != named {
            faults.push(format!("{named:?} are not named: {shown}"));
        }
        told.push(reply.json()["message"].as_str().unwrap_or_default().to_owned());
    }
    if !told[0].contains(says) || told[0] == told[1] {
        faults.push(format!("{method} {path} {body}: {told:?} does not say {says:?}"));
    }
    faults
}

/// What is not right of the members of the RFC and of the original, and of the language of each sentence.
fn faults_of(reply: &Reply, language: &str) -> Vec<String> {
    let problem = reply.json();
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    let told = errors.iter().map(|error| &error["message"]).chain([&problem["message"]]);
    let foreign = told
        .map(|told| told.as_str().unwrap_or_default())
        .find(|text| text.is_empty() || (language == "ja" && !is_japanese(text)));
    [
        (reply.header("content-language") != language, "content-language"),
        (!reply.header("vary").contains("accept-language"), "vary"),
        (problem["status"] != reply.status.as_u16(), "status"),
        (problem["message"] != problem["detail"], "message"),
        (reply.status == StatusCode::BAD_REQUEST && errors.is_empty(), "nothing is named"),
        (foreign.is_some(), "another language"),
    ]
    .into_iter()
    .filter(|(wrong, _)| *wrong)
    .map(|(_, fault)| fault.to_owned())
    .collect()
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Kana or kanji.
fn is_japanese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'))
}

/// How many rows each table has.
async fn rows(database: &Database) -> Vec<(String, i64)> {
    let mut counts = Vec::new();
    for table in
        ["company", "stockprice", "stockprice_indicator", "stockprice_quarantine", "audit", "run", "import_file"]
    {
        let found =
            db::one(database.connection(), &format!("SELECT COUNT(*) FROM {table}"), []).await.unwrap().unwrap();
        counts.push((table.to_owned(), found.try_get_by_index(0).unwrap()));
    }
    counts
}

on_both_databases!(whatever_is_wrong_is_told_in_both_languages_and_changes_nothing, |store: TestStore| async {
    let (world, house) = daemon(store).await;
    let before = rows(&house.database).await;
    let mut faults = Vec::new();
    for (method, path, body, status, named, says) in REFUSED {
        faults.extend(refused(&world, (method, path, body), *status, named, says).await);
    }
    none(&faults);
    assert_eq!(rows(&house.database).await, before);
});

on_both_databases!(every_route_names_the_parameter_that_cannot_be_and_what_is_right, |store: TestStore| async {
    let (world, house) = daemon(store).await;
    let before = rows(&house.database).await;
    let mut faults = Vec::new();
    for (path, params) in ROUTES {
        let fine = world.get(path).await;
        assert_eq!(fine.status, StatusCode::OK, "{path}: {}", fine.text);
        let (path, next) = if path.contains('?') { (*path, '&') } else { (*path, '?') };
        let unknown = format!("{path}{next}colour=red");
        let there = format!("colour is no parameter here; there are {}", params.join(", "));
        faults.extend(refused(&world, ("GET", &unknown, ""), 400, &["colour"], &there).await);
        for param in *params {
            let twice = format!("{path}{next}{param}=a&{param}=b");
            let told = format!("{param} is given twice");
            faults.extend(refused(&world, ("GET", &twice, ""), 400, &[param], &told).await);
            let found = VALUES.iter().find(|(name, ..)| name == param);
            let (_, values, says) = found.unwrap_or_else(|| panic!("VALUES has no row of {param}"));
            for value in *values {
                let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
                // Where the path gives the parameter already, this value is in its place.
                let query = match path.split_once(&format!("?{param}=")) {
                    Some((alone, _)) => format!("{alone}?{param}={value}"),
                    None => format!("{path}{next}{param}={value}"),
                };
                faults.extend(refused(&world, ("GET", &query, ""), 400, &[param], says).await);
            }
        }
    }
    none(&faults);
    assert_eq!(rows(&house.database).await, before);
});

on_both_databases!(sql_in_a_text_is_a_text, |store: TestStore| async {
    let (world, house) = daemon(store).await;
    let before = rows(&house.database).await;
    let sql: String = url::form_urlencoded::byte_serialize(SQL.as_bytes()).collect();
    for path in ["/audit?actor=", "/audit?action=", "/audit?subject=", "/api/v1/quarantine?source="] {
        let reply = world.get(&format!("{path}{sql}")).await;
        assert_eq!((reply.status, &reply.json()["items"]), (StatusCode::OK, &Value::Array(Vec::new())), "{path}");
    }
    let reply = world.get(&format!("/runs?job={sql}")).await;
    assert_eq!((reply.status, reply.named()), (StatusCode::BAD_REQUEST, vec!["job".to_owned()]));
    assert_eq!(rows(&house.database).await, before);
    let body = serde_json::json!({
        "stockCode": "9434", "companyName": SQL, "countryCode": "JP", "listedMarket": "'; DELETE FROM company; --"
    });
    let made = world.post("/api/v1/companies", &body.to_string()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let stored = world.get("/api/v1/companies/9434").await.json();
    assert_eq!(stored["companies"][0]["companyName"], SQL);
    assert_eq!(stored["companies"][0]["listedMarket"], "'; DELETE FROM company; --");
    let companies = |counts: &[(String, i64)]| counts[0].1;
    assert_eq!(companies(&rows(&house.database).await), companies(&before) + 1);
});

#[tokio::test]
async fn a_browser_gets_the_page_of_a_problem_in_its_language() {
    let (world, _house) = daemon(TestStore::sqlite()).await;
    for (language, lang, says) in [
        ("ja-JP, en;q=0.5", "ja", "銘柄コード 9999 の会社はありません"),
        ("en", "en", "no company has the stock code 9999"),
    ] {
        let headers = [("accept", "text/html"), ("accept-language", language)];
        let page = world.send("GET", "/companies/9999", &headers, "").await;
        assert_eq!((page.status, page.header("content-language")), (StatusCode::NOT_FOUND, lang));
        assert!(page.text.contains(&format!("<html lang=\"{lang}\">")) && page.text.contains(says), "{}", page.text);
    }
}
