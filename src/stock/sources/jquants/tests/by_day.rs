//! Whole markets of a day: economy, pages, one request for all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tokio::task::JoinSet;
use wiremock::matchers::path;
use wiremock::{Mock, Request, ResponseTemplate};

use super::*;
use crate::stock::bar::Days;
use crate::stock::calendar::{Calendar, Market};
use crate::stock::sources::testing::{data, day, query};

const COMPANIES: usize = 50;
/// Records a page, so that a day has two.
const PAGE: usize = 30;

fn code(index: usize) -> String {
    format!("{}", 1300 + index)
}

fn record(index: usize, date: &str) -> serde_json::Value {
    let price = 1000.0 + index as f64;
    json!({
        "Date": date, "Code": format!("{}0", code(index)), "AdjFactor": 1.0, "AdjO": price, "AdjH": price + 5.0,
        "AdjL": price - 5.0, "AdjC": price + 1.0, "AdjVo": 1000.0,
    })
}

/// Fifty companies on every session; refuses whole days where `by_day` says so.
fn answer(by_day: u16) -> impl Fn(&Request) -> ResponseTemplate {
    move |request: &Request| {
        let asked: BTreeMap<String, String> = request.url.query_pairs().into_owned().collect();
        let records: Vec<_> = match (asked.get("date"), asked.get("code")) {
            (Some(_), _) if by_day != 200 => return ResponseTemplate::new(by_day),
            (Some(date), _) => (0..COMPANIES).map(|index| record(index, date)).collect(),
            (None, Some(code)) => {
                let index: usize = code[..4].parse::<usize>().unwrap() - 1300;
                let days = Days { from: day(&asked["from"]), to: day(&asked["to"]) };
                Calendar::embedded(Market::Tokyo).sessions(days).map(|date| record(index, &date.to_string())).collect()
            }
            _ => panic!("neither date nor code"),
        };
        let from: usize = asked.get("pagination_key").map_or(0, |key| key.parse().unwrap());
        let mut body = json!({"data": records.iter().skip(from).take(PAGE).collect::<Vec<_>>()});
        if from + PAGE < records.len() {
            body["pagination_key"] = (from + PAGE).to_string().into();
        }
        ResponseTemplate::new(200).set_body_json(body)
    }
}

async fn server(by_day: u16) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path("/equities/bars/daily")).respond_with(answer(by_day)).mount(&server).await;
    server
}

/// All companies at once, as many tasks would; each must get its own bars.
async fn everybody(source: &Arc<Jquants>, from: &str, to: &str) {
    let mut tasks = JoinSet::new();
    for index in 0..COMPANIES {
        let (source, query) = (Arc::clone(source), query(&code(index), from, to));
        tasks.spawn(async move { (index, fetch(&source, &query).await, query.days) });
    }
    while let Some(done) = tasks.join_next().await {
        let (index, answer, days) = done.unwrap();
        let batch = data(answer);
        let closes: Vec<_> = batch.rows.iter().map(|row| (row.bar.date, row.bar.close)).collect();
        let close = Some(1001.0 + index as f64);
        let wanted: Vec<_> = Calendar::embedded(Market::Tokyo).sessions(days).map(|date| (date, close)).collect();
        assert_eq!(closes, wanted, "{index}");
        assert_eq!(batch.vouched, days);
    }
}

#[tokio::test]
async fn fifty_companies_with_one_new_session_cost_far_fewer_than_fifty_requests() {
    let server = server(200).await;
    let source = Arc::new(source(&server, Plan::Premium));
    // The new session and two that are read again.
    everybody(&source, "2024-01-09", "2024-01-11").await;
    let first = asked(&server).await;
    let dates = first.iter().filter(|url| url.contains("date=")).count();
    assert_eq!((first.len(), dates), (9, 6), "three by company, then two pages a day: {first:#?}");
    // The day after it is known with the second company, and the days in between are fresh.
    everybody(&source, "2024-01-10", "2024-01-12").await;
    assert_eq!(asked(&server).await.len() - first.len(), 3, "one by company, then the two pages of the new day");
}

#[tokio::test]
async fn a_few_companies_and_long_histories_are_asked_for_by_company() {
    let server = server(200).await;
    let source = Arc::new(source(&server, Plan::Premium));
    for index in 0..3 {
        data(fetch(&source, &query(&code(index), "2024-01-09", "2024-01-11")).await);
    }
    everybody(&source, "2023-01-04", "2024-01-11").await;
    let asked = asked(&server).await;
    assert!(asked.iter().all(|url| url.contains("code=")), "{asked:#?}");
}

#[tokio::test]
async fn a_code_that_is_missing_in_the_whole_market_is_unknown() {
    let server = server(200).await;
    let source = Arc::new(source(&server, Plan::Premium));
    everybody(&source, "2024-01-09", "2024-01-11").await;
    let before = asked(&server).await.len();
    assert_eq!(fetch(&source, &query("9999", "2024-01-09", "2024-01-11")).await, Ok(Answer::UnknownSymbol));
    assert_eq!(asked(&server).await.len(), before);
}

#[tokio::test]
async fn where_whole_days_are_refused_companies_are_asked_for_one_by_one() {
    let server = server(413).await;
    let source = Arc::new(source(&server, Plan::Premium));
    everybody(&source, "2024-01-09", "2024-01-11").await;
    everybody(&source, "2024-01-09", "2024-01-12").await;
    let asked = asked(&server).await;
    let dates = asked.iter().filter(|url| url.contains("date=")).count();
    assert_eq!((dates, asked.len() - dates), (1, 2 * COMPANIES), "{asked:#?}");
}

#[tokio::test]
async fn a_request_whose_task_is_cancelled_is_taken_up_by_the_next() {
    let server = server(200).await;
    let source = Arc::new(source(&server, Plan::Premium));
    everybody(&source, "2024-01-05", "2024-01-10").await;
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    let day_after = query(&code(0), "2024-01-09", "2024-01-11");
    assert_eq!(source.fetch(&day_after, &cancelled).await, Err(Refusal::Cancelled));
    assert_eq!(data(fetch(&source, &day_after).await).rows.len(), 3);
}

#[tokio::test]
async fn a_day_is_asked_for_anew_once_it_is_no_longer_fresh() {
    let server = server(200).await;
    let minutes = Arc::new(AtomicI64::new(0));
    let hand = Arc::clone(&minutes);
    let evening: DateTime<Utc> = "2024-01-12T09:00:00Z".parse().unwrap();
    let clock = Clock::new(move || evening + TimeDelta::minutes(hand.load(Ordering::Relaxed)));
    let source = Arc::new(Jquants::new(api(&server), Plan::Premium, clock));
    everybody(&source, "2024-01-09", "2024-01-11").await;
    let before = asked(&server).await.len();
    minutes.store(9, Ordering::Relaxed);
    everybody(&source, "2024-01-09", "2024-01-11").await;
    assert_eq!(asked(&server).await.len(), before);
    minutes.store(20, Ordering::Relaxed);
    everybody(&source, "2024-01-09", "2024-01-11").await;
    assert_eq!(asked(&server).await.len(), before + 6 + 6, "as many by company as two pages a day cost, then by day");
}
