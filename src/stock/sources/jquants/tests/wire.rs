//! Histories over HTTP: pages, ranges, plans.

use wiremock::matchers::{header, path, query_param, query_param_is_missing};
use wiremock::{Mock, ResponseTemplate};

use super::*;
use crate::stock::bar::Days;
use crate::stock::calendar::Market;
use crate::stock::sources::testing::{data, day, january, query, query_in};

const DAILY: &str = "/equities/bars/daily";

/// The fixture's records from the `from`-th up to before the `to`-th, as a page.
fn page(from: usize, to: usize, next: Option<&str>) -> ResponseTemplate {
    let bars: serde_json::Value = serde_json::from_str(BARS).unwrap();
    let mut body = serde_json::json!({"data": bars["data"].as_array().unwrap()[from..to]});
    if let Some(next) = next {
        body["pagination_key"] = next.into();
    }
    ResponseTemplate::new(200).set_body_json(body)
}

fn text(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_string(body)
}

#[tokio::test]
async fn a_history_is_read_to_its_last_page_with_the_key_in_the_header() {
    let server = MockServer::start().await;
    let ask = || Mock::given(path(DAILY)).and(header("x-api-key", "k3y")).and(query_param("code", "77770"));
    ask().and(query_param_is_missing("pagination_key")).respond_with(page(0, 3, Some("a/b+c"))).mount(&server).await;
    ask().and(query_param("pagination_key", "a/b+c")).respond_with(page(3, 4, Some("d"))).mount(&server).await;
    ask().and(query_param("pagination_key", "d")).respond_with(page(4, 6, None)).mount(&server).await;
    let batch = data(fetch(&source(&server, Plan::Light), &january()).await);
    assert_eq!(batch.rows.len(), 6);
    let first = "/equities/bars/daily?code=77770&from=2024-01-04&to=2024-01-12";
    let asked = asked(&server).await;
    assert_eq!((asked.len(), asked[0].as_str()), (3, first));
    assert!(asked.iter().all(|url| url.starts_with(first)), "the question stays the same: {asked:?}");
}

#[tokio::test]
async fn pages_that_lead_back_end_with_a_changed_schema() {
    let server = MockServer::start().await;
    Mock::given(path(DAILY)).respond_with(page(0, 3, Some("again"))).mount(&server).await;
    let Err(Refusal::SchemaChanged { reason }) = fetch(&source(&server, Plan::Light), &january()).await else {
        panic!("refused")
    };
    assert_eq!(reason, "page 2 names a page that was read already");
    assert_eq!(asked(&server).await.len(), 2);
}

#[tokio::test]
async fn pages_without_end_do_too() {
    let server = MockServer::start().await;
    let count = std::sync::atomic::AtomicUsize::new(0);
    let endless = move |_: &wiremock::Request| {
        page(0, 1, Some(&count.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string()))
    };
    Mock::given(path(DAILY)).respond_with(endless).mount(&server).await;
    let answer = fetch(&source(&server, Plan::Light), &january()).await;
    assert!(matches!(answer, Err(Refusal::SchemaChanged { reason }) if reason == "more than 200 pages"));
}

#[tokio::test]
async fn a_page_that_fails_fails_the_whole() {
    let server = MockServer::start().await;
    let first = Mock::given(path(DAILY)).and(query_param_is_missing("pagination_key"));
    first.respond_with(page(0, 3, Some("next"))).mount(&server).await;
    Mock::given(query_param("pagination_key", "next")).respond_with(text(500, "")).mount(&server).await;
    let answer = fetch(&source(&server, Plan::Light), &january()).await;
    assert_eq!(answer, Err(Refusal::Server { status: 500 }));
}

#[tokio::test]
async fn a_range_too_large_is_halved_and_the_size_that_serves_is_remembered() {
    let server = MockServer::start().await;
    let bars: serde_json::Value = serde_json::from_str(BARS).unwrap();
    let answer = move |request: &wiremock::Request| {
        let value = |name: &str| {
            request.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap()
        };
        let (from, to) = (day(&value("from")), day(&value("to")));
        if (to - from).num_days() + 1 > 3 {
            return text(413, r#"{"message": "Request Entity Too Large"}"#);
        }
        let within = |bar: &&serde_json::Value| (from..=to).contains(&day(bar["Date"].as_str().unwrap()));
        let found: Vec<_> = bars["data"].as_array().unwrap().iter().filter(within).collect();
        ResponseTemplate::new(200).set_body_json(serde_json::json!({ "data": found }))
    };
    Mock::given(path(DAILY)).respond_with(answer).mount(&server).await;
    let source = source(&server, Plan::Light);
    let whole = data(fetch(&source, &january()).await);
    assert_eq!((whole.rows.len(), whole.vouched), (6, january().days));
    // nine days, four, two and two, then five as two and three, which is one day more than was allowed so far
    let first = asked(&server).await.len();
    let again = data(fetch(&source, &january()).await);
    assert_eq!(again, whole);
    assert!(asked(&server).await[first..].len() < first, "{:?}", asked(&server).await);
}

#[tokio::test]
async fn a_single_day_too_large_is_a_changed_schema() {
    let server = MockServer::start().await;
    Mock::given(path(DAILY)).respond_with(text(413, "")).mount(&server).await;
    let answer = fetch(&source(&server, Plan::Light), &january()).await;
    assert!(matches!(answer, Err(Refusal::SchemaChanged { reason }) if reason.contains("one day 2024-01-04")));
    assert!(asked(&server).await.len() <= 5);
}

#[tokio::test]
async fn a_quota_without_a_time_lasts_a_minute_and_a_half() {
    let server = MockServer::start().await;
    Mock::given(path(DAILY)).respond_with(text(429, r#"{"message": "Too Many Requests"}"#)).mount(&server).await;
    let source = source(&server, Plan::Light);
    let answer = fetch(&source, &january()).await;
    assert!(matches!(answer, Err(Refusal::QuotaExceeded { retry_after: Some(QUOTA_WAIT), .. })), "{answer:?}");
    let Err(Refusal::Closed { retry_after, .. }) = fetch(&source, &january()).await else { panic!("left alone") };
    assert!(retry_after <= QUOTA_WAIT && asked(&server).await.len() == 1);
}

#[tokio::test]
async fn a_wrong_key_stops_the_source_and_is_in_no_text() {
    let server = MockServer::start().await;
    let echo = r#"{"message": "The incoming api key k3y is invalid or expired."}"#;
    Mock::given(path(DAILY)).respond_with(text(403, echo)).mount(&server).await;
    let source = source(&server, Plan::Light);
    let Err(Refusal::Blocked { reason }) = fetch(&source, &january()).await else { panic!("blocked") };
    assert!(!reason.contains("k3y") && reason.contains("***"), "{reason}");
    assert!(matches!(fetch(&source, &january()).await, Err(Refusal::Closed { .. })));
}

#[tokio::test]
async fn no_bars_are_told_from_an_unknown_code_by_the_list_of_issues() {
    let server = MockServer::start().await;
    Mock::given(path(DAILY)).respond_with(text(200, NOTHING)).mount(&server).await;
    let listed = Mock::given(path("/equities/master")).and(query_param("code", "77770"));
    listed.respond_with(text(200, MASTER)).mount(&server).await;
    Mock::given(path("/equities/master")).respond_with(text(200, NOTHING)).mount(&server).await;
    let source = source(&server, Plan::Light);
    assert_eq!(fetch(&source, &january()).await, Ok(Answer::NoNewData));
    assert_eq!(fetch(&source, &query("7778", "2024-01-04", "2024-01-12")).await, Ok(Answer::UnknownSymbol));
}

#[tokio::test]
async fn what_cannot_be_there_is_not_asked_for() {
    let server = MockServer::start().await;
    let source = source(&server, Plan::Free);
    for query in
        [query("^NKX", "2020-01-06", "2020-01-10"), query_in(Market::NewYork, "AAPL", "2020-01-06", "2020-01-10")]
    {
        assert_eq!(fetch(&source, &query).await, Ok(Answer::UnknownSymbol));
    }
    let nothing_final = BarQuery { newest_final: day("2024-01-03"), ..january() };
    assert_eq!(fetch(&source, &nothing_final).await, Ok(Answer::NoNewData));
    // The free plan ends on 2023-10-20.
    let Err(Refusal::Blocked { reason }) = fetch(&source, &january()).await else { panic!("refused") };
    assert!(reason.starts_with("the free plan covers 2021-10-20 to 2023-10-20 only"), "{reason}");
    assert!(asked(&server).await.is_empty());
}

#[tokio::test]
async fn the_free_plan_is_asked_for_its_days_and_nothing_there_is_no_word_on_the_rest() {
    let server = MockServer::start().await;
    Mock::given(path(DAILY)).respond_with(text(200, NOTHING)).mount(&server).await;
    Mock::given(path("/equities/master")).respond_with(text(200, MASTER)).mount(&server).await;
    let answer = fetch(&source(&server, Plan::Free), &query("7777", "2000-01-01", "2024-01-12")).await;
    assert!(matches!(answer, Err(Refusal::Blocked { .. })), "{answer:?}");
    assert_eq!(asked(&server).await[0], "/equities/bars/daily?code=77770&from=2021-10-20&to=2023-10-20");
}

#[tokio::test]
async fn days_outside_the_plan_are_left_out_once_j_quants_has_told_them() {
    let server = MockServer::start().await;
    Mock::given(path(DAILY))
        .and(query_param("from", "2024-01-04"))
        .respond_with(text(400, OUTSIDE_PLAN))
        .mount(&server)
        .await;
    let within = Mock::given(path(DAILY)).and(query_param("from", "2024-01-05")).and(query_param("to", "2024-01-10"));
    within.respond_with(page(1, 4, None)).mount(&server).await;
    let source = source(&server, Plan::Standard);
    for requests in [2, 3] {
        let batch = data(fetch(&source, &january()).await);
        assert_eq!(batch.vouched, Days { from: day("2024-01-05"), to: day("2024-01-10") });
        assert_eq!(asked(&server).await.len(), requests, "what was told is remembered");
    }
}
