//! Bad input through every route, as a table: whatever is wrong is told in both languages, with the parameter's name and
//! what is right, and changes nothing. A new route is a row of [`ROUTES`]; a new parameter with bad values of its own one
//! of [`VALUES`].

use axum::Router;
use axum::http::StatusCode;
use data_infrastructure::clock::Clock;
use data_infrastructure::db::{self, Database};
use data_infrastructure::fx;
use data_infrastructure::http::Waiter;
use data_infrastructure::jobs::Triggers;
use data_infrastructure::stock::api::{UploadsApi, uploads};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::fixture::{House, routes};
use crate::http::{Options, Reply, World};
use crate::support::{TestStore, on_both_databases};

/// Every route that takes parameters: a path that exists, and all parameters it takes.
const ROUTES: &[(&str, &[&str])] = &[
    ("/api/v1/companies", &["format"]),
    ("/api/v1/companies/7203", &["format"]),
    ("/api/v1/stockprices/rawdata/7203", &["startDate", "endDate", "format"]),
    ("/api/v1/stockprices/ma/7203", &["maTypes", "startDate", "endDate", "format"]),
    ("/api/v1/coverage", &["stockCode", "limit", "cursor", "format"]),
    ("/api/v1/coverage/7203", &["format"]),
    ("/api/v1/differences", &["stockCode", "since", "state", "limit", "cursor", "format"]),
    ("/api/v1/quarantine", &["stockCode", "source", "state", "run", "since", "limit", "cursor", "format"]),
    ("/api/v1/revisions", &["stockCode", "since", "limit", "cursor", "format"]),
    ("/api/v1/fx", &["format"]),
    ("/quarantine", &["stockCode", "source", "state", "run", "since", "limit", "cursor", "format"]),
    ("/jobs", &["limit", "cursor"]),
    ("/jobs/prices/ticks", &["since", "until", "outcome", "limit", "cursor"]),
    ("/jobs/prices/backfills", &["state", "limit", "cursor"]),
    ("/runs", &["job", "state", "trigger", "since", "limit", "cursor"]),
    ("/sources", &["limit", "cursor"]),
    ("/audit", &["actor", "action", "subject", "since", "until", "limit", "cursor"]),
];

const SQL: &str = "x'; DROP TABLE company; --";

/// What cannot be the value of a parameter of this name, on whichever route, and what the English says is right.
const VALUES: &[(&str, &[&str], &str)] = &[
    ("format", &["xml", "JSON", "", "json,csv", SQL], "json"),
    (
        "startDate",
        &["2020-02-30", "2020-2-3", "yesterday", "", "2020-01-01T00:00:00Z", "9999-99-99", SQL],
        "YYYY-MM-DD",
    ),
    ("endDate", &["2020-02-30", "2020-2-3", "today", "", "20200101", SQL], "YYYY-MM-DD"),
    ("maTypes", &["foo5", "sma", "", "sma5;ema25", SQL], "is no moving average"),
    ("stockCode", &["72 03", "toolongforanystockcode", "銘柄", SQL], "is no stock code"),
    ("limit", &["0", "501", "-1", "1.5", "many", "", "99999999999999999999", SQL], "from 1 to 500"),
    ("cursor", &["?", SQL], "leave it out"),
    ("since", &["yesterday", "2020-02-30", "1", SQL], "write 2026-11-20T09:00:00Z or 2026-11-20"),
    ("until", &["yesterday", "2020-02-30", "1", SQL], "write 2026-11-20T09:00:00Z or 2026-11-20"),
    ("state", &["gone", "FAILED", SQL], "is none of"),
    ("trigger", &["nobody", SQL], "is none of"),
    ("outcome", &["nothing", SQL], "is none of"),
    ("run", &["7", SQL], "id of a run"),
    ("source", &["a\u{0}b", "a name that is longer than any source's"], "it "),
    ("job", &["a\u{0}b"], "control character"),
    ("actor", &["a\u{0}b"], "control character"),
    ("action", &["a\u{1b}b"], "control character"),
    ("subject", &["a\u{7f}b"], "control character"),
];

/// Requests that are refused as a whole: method, path, body, status, what is named, and what the English says.
type Refused = (&'static str, &'static str, &'static str, u16, &'static [&'static str], &'static str);

const REFUSED: &[Refused] = &[
    // Unknown and impossible names in paths.
    ("GET", "/api/v1/companies/NotExistCode", "", 404, &[], "no company has the stock code NOTEXISTCODE"),
    ("GET", "/api/v1/stockprices/rawdata/NotExistCode", "", 404, &[], "no company"),
    ("GET", "/api/v1/stockprices/ma/NotExistCode", "", 404, &[], "no company"),
    ("GET", "/api/v1/coverage/NotExistCode", "", 404, &[], "no company"),
    ("GET", "/api/v1/coverage?stockCode=NotExistCode", "", 404, &[], "no company"),
    ("GET", "/api/v1/differences?stockCode=NotExistCode", "", 404, &[], "no company"),
    ("GET", "/api/v1/quarantine?stockCode=NotExistCode", "", 404, &[], "no company"),
    ("GET", "/api/v1/revisions?stockCode=NotExistCode", "", 404, &[], "no company"),
    ("DELETE", "/api/v1/companies/NotExistCode", "", 404, &[], "no company"),
    ("GET", "/companies/NotExistCode", "", 404, &[], "no company"),
    ("GET", "/api/v1/companies/72%2003", "", 400, &["stockCode"], "is no stock code"),
    ("GET", "/api/v1/companies/7203'%20OR%20'1'='1", "", 400, &["stockCode"], "is no stock code"),
    ("GET", "/api/v1/stockprices/rawdata/%E3%83%88", "", 400, &["stockCode"], "is no stock code"),
    ("GET", "/api/v1/stockprices/ma/7203;DROP%20TABLE%20stockprice", "", 400, &["stockCode"], "is no stock code"),
    ("GET", "/api/v1/stockprices/rawdata/%FF", "", 400, &["stockCode"], "UTF-8"),
    ("GET", "/api/v1/coverage/toolongforanystockcode", "", 400, &["stockCode"], "is no stock code"),
    ("DELETE", "/api/v1/companies/72%2003", "", 400, &["stockCode"], "is no stock code"),
    ("GET", "/api/v1/fx/ZZZ", "", 404, &[], "there are no rates of ZZZ"),
    ("GET", "/api/v1/fx/DOLLAR", "", 400, &["currency"], "is no currency"),
    ("GET", "/api/v1/fx/%FF", "", 400, &["currency"], "UTF-8"),
    ("GET", "/api/v1/quarantine/7", "", 404, &[], "there is no row"),
    ("POST", "/api/v1/quarantine/7/accept", "", 404, &[], "there is no row"),
    ("GET", "/jobs/x'--", "", 404, &[], "there is no job"),
    ("GET", "/jobs/nothing/ticks", "", 404, &[], "there is no job"),
    ("GET", "/jobs/nothing/backfills", "", 404, &[], "there is no job"),
    ("POST", "/jobs/nothing/run", "", 404, &[], "there is no job"),
    ("GET", "/runs/7", "", 404, &[], "there is no run"),
    ("GET", "/runs/7/tasks", "", 404, &[], "there is no run"),
    ("GET", "/runs/7/logs", "", 404, &[], "there is no run"),
    ("POST", "/runs/7/cancel", "", 404, &[], "there is no run"),
    ("POST", "/runs/7/retry", "", 404, &[], "there is no run"),
    ("GET", "/backfills/7", "", 404, &[], "there is no backfill"),
    ("GET", "/backfills/7/items", "", 404, &[], "there is no backfill"),
    ("POST", "/backfills/7/cancel", "", 404, &[], "there is no backfill"),
    ("GET", "/sources/nobody", "", 404, &[], "there is no source"),
    ("POST", "/sources/nobody/reset", "", 404, &[], "there is no source"),
    ("GET", "/nothing/here", "", 404, &[], "nothing at this address"),
    ("PATCH", "/api/v1/companies", "", 405, &[], "does not serve the method"),
    ("POST", "/api/v1/stockprices/rawdata/7203", "", 405, &[], "does not serve the method"),
    // Parameters where there are none.
    ("GET", "/companies/7203?colour=red", "", 400, &["colour"], "colour is no parameter here; there are none"),
    ("GET", "/jobs/prices?colour=red", "", 400, &["colour"], "there are none"),
    ("GET", "/sources/first?colour=red", "", 400, &["colour"], "there are none"),
    ("POST", "/jobs/prices/run?colour=red", "", 400, &["colour"], "there are none"),
    ("POST", "/jobs/prices/backfills?colour=red", "", 400, &["colour"], "there are none"),
    ("POST", "/sources/first/reset?colour=red", "", 400, &["colour"], "there are none"),
    ("POST", "/api/v1/companies?colour=red", "{}", 400, &["colour"], "there are none"),
    ("DELETE", "/api/v1/companies/7203?colour=red", "", 400, &["colour"], "there are none"),
    // Days that are wrong together.
    (
        "GET",
        "/api/v1/stockprices/rawdata/7203?startDate=2020-01-02&endDate=2020-01-01",
        "",
        400,
        &["endDate"],
        "startDate 2020-01-02 is after endDate 2020-01-01",
    ),
    ("GET", "/api/v1/stockprices/ma/7203?startDate=2999-01-01", "", 400, &["startDate"], "(today)"),
    // Bodies.
    ("POST", "/api/v1/companies", "", 400, &["body"], "this is no JSON"),
    ("POST", "/api/v1/companies", "{", 400, &["body"], "line 1 column 1"),
    ("POST", "/api/v1/companies", "[]", 422, &["body"], "no JSON object"),
    (
        "POST",
        "/api/v1/companies",
        "{}",
        422,
        &["stockCode", "companyName", "countryCode", "listedMarket"],
        "stockCode is missing; companyName is missing",
    ),
    (
        "POST",
        "/api/v1/companies",
        r#"{"stockCode":"72 03","companyName":"","countryCode":"Japan","listedMarket":7,"foundationDate":"2020-02-30","longitude":181,"latitude":"n","companyId":"a b","colour":1}"#,
        422,
        &[
            "colour",
            "stockCode",
            "companyName",
            "countryCode",
            "listedMarket",
            "companyId",
            "foundationDate",
            "longitude",
            "latitude",
        ],
        "colour is no member here; there are stockCode, companyName",
    ),
    ("POST", "/api/v1/companies", r#"{"stockCode":"1","stockCode":"2"}"#, 422, &["stockCode"], "given twice"),
    (
        "POST",
        "/api/v1/companies",
        r#"{"stockCode":"7203","companyName":"甲","countryCode":"JP","listedMarket":"プライム"}"#,
        409,
        &[],
        "7203 is registered already",
    ),
    (
        "POST",
        "/api/v1/companies",
        r#"{"stockCode":"9434","companyName":"甲","countryCode":"JP","listedMarket":"プライム","companyId":"0001"}"#,
        409,
        &[],
        "the company id 0001 belongs to another company",
    ),
    ("POST", "/jobs/prices/run", "{", 400, &["body"], "this is no JSON"),
    ("POST", "/jobs/prices/run", "[]", 422, &["body"], "no JSON object"),
    (
        "POST",
        "/jobs/prices/run",
        r#"{"from":"2020-02-30","to":"2020-1-1","companies":"7203","mode":"all","dryRun":"no","note":7,"foo":1}"#,
        422,
        &["companies", "dryRun", "foo", "from", "mode", "note", "to"],
        "foo is no member here; there are from, to, companies",
    ),
    ("POST", "/jobs/prices/run", r#"{"from":"2020-01-02","to":"2020-01-01"}"#, 422, &["from"], "is after to"),
    ("POST", "/jobs/prices/run", r#"{"companies":["9999"]}"#, 422, &["companies"], "9999"),
    ("POST", "/jobs/prices/run", r#"{"input":"x"}"#, 422, &["input"], "takes none"),
    (
        "POST",
        "/jobs/prices/backfills",
        r#"{"maxParallel":0,"mode":"full","foo":1}"#,
        422,
        &["foo", "maxParallel", "mode"],
        "a whole number from 1 to 64",
    ),
    // Files.
    ("POST", "/api/v1/imports", "{}", 415, &[], "send the file's own bytes"),
    ("POST", "/api/v1/imports?dryRun=maybe", "a", 400, &["dryRun"], "is not true or false"),
    ("POST", "/api/v1/imports?layout=excel", "a", 400, &["layout"], "is none of"),
    ("POST", "/api/v1/imports?basis=none", "a", 400, &["basis"], "is none of"),
    ("POST", "/api/v1/imports?company=72%2003", "a", 400, &["company"], "is no stock code"),
    ("POST", "/api/v1/imports?name=a%00b", "a", 400, &["name"], "control characters"),
    ("POST", "/api/v1/imports?colour=red", "a", 400, &["colour"], "there are name, layout, company, basis, dryRun"),
];

fn domain(database: &Database, triggers: &Triggers) -> Router {
    let clock = Clock::fixed("2026-11-20T22:00:00Z".parse().unwrap());
    let waiter = Waiter { database: database.clone(), clock: clock.clone(), draining: CancellationToken::new() };
    let files = uploads(UploadsApi { database: database.clone(), triggers: triggers.clone(), waiter });
    routes(database).merge(fx::api::router(database.clone(), clock)).nest("/api/v1", files)
}

/// A daemon with the stock market of [`House`], and what keeps its database.
async fn daemon(store: TestStore) -> (World, House) {
    let world = World::serving(&store, Options::default(), domain).await;
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
        let unknown = format!("{path}?colour=red");
        let there = format!("colour is no parameter here; there are {}", params.join(", "));
        faults.extend(refused(&world, ("GET", &unknown, ""), 400, &["colour"], &there).await);
        for param in *params {
            let twice = format!("{path}?{param}=a&{param}=b");
            let told = format!("{param} is given twice");
            faults.extend(refused(&world, ("GET", &twice, ""), 400, &[param], &told).await);
            let found = VALUES.iter().find(|(name, ..)| name == param);
            let (_, values, says) = found.unwrap_or_else(|| panic!("VALUES has no row of {param}"));
            for value in *values {
                let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
                let query = format!("{path}?{param}={value}");
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
    for path in ["/runs?job=", "/audit?actor=", "/audit?action=", "/audit?subject=", "/api/v1/quarantine?source="] {
        let reply = world.get(&format!("{path}{sql}")).await;
        assert_eq!((reply.status, &reply.json()["items"]), (StatusCode::OK, &Value::Array(Vec::new())), "{path}");
    }
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
