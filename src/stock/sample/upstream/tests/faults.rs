//! Misbehaviour and the log of requests.

use std::time::Duration;

use axum::http::header;

use super::super::{Fault, FaultKind, FaultPlan, When};
use super::*;
use crate::stock::sample::{Disturbance, DisturbanceKind};

const YAHOO: &str = "/v8/finance/chart/1101.T?interval=1d";
const STOOQ: &str = "/q/d/l/?s=1101.jp&i=d";
const KABUTAN: &str = "/stock/kabuka?code=1101&ashi=day";

async fn small() -> Fixture {
    let days = SimulatedMarket::generate(2015, day("2015-02-27"));
    Fixture::serving(SampleData::of(days.into_series())).await
}

#[tokio::test]
async fn a_fault_strikes_its_source_its_code_and_as_often_as_told() {
    let fixture = small().await;
    fixture.upstream.inject(Fault::new("yahoo", FaultKind::Status(503)).of_code("1101").times(2));
    let status = async |source: &str, path: &str| fixture.get(source, path).await.status().as_u16();
    assert_eq!(status("stooq", STOOQ).await, 200);
    assert_eq!(status("yahoo", "/v8/finance/chart/1102.T").await, 200);
    assert_eq!(
        [status("yahoo", YAHOO).await, status("yahoo", YAHOO).await, status("yahoo", YAHOO).await],
        [503, 503, 200]
    );
    fixture.stop().await;
}

#[tokio::test]
async fn a_cleared_fault_strikes_no_more_and_the_log_is_empty() {
    let fixture = small().await;
    fixture.upstream.inject(Fault::new("yahoo", FaultKind::Status(500)));
    assert_eq!(fixture.get("yahoo", YAHOO).await.status(), 500);
    fixture.upstream.clear();
    assert!(fixture.upstream.requests().is_empty());
    assert_eq!(fixture.get("yahoo", YAHOO).await.status(), 200);
    fixture.stop().await;
}

#[tokio::test]
async fn the_log_has_every_request_in_order_also_for_what_does_not_exist() {
    let fixture = small().await;
    fixture.get("yahoo", YAHOO).await;
    fixture.get("kabutan", "/stock/kabuka?code=9z99").await;
    fixture.get("stooq", STOOQ).await;
    let log = fixture.upstream.requests();
    let seen: Vec<_> = log.iter().map(|record| (record.source, record.code.as_str(), record.path.as_str())).collect();
    assert_eq!(
        seen,
        [("yahoo", "1101", YAHOO), ("kabutan", "9Z99", "/stock/kabuka?code=9z99"), ("stooq", "1101", STOOQ)]
    );
    assert!(log.is_sorted_by_key(|record| record.at));
    assert!(log.iter().all(|record| record.user_agent.as_deref() == Some("sample-test")));
    fixture.stop().await;
}

#[tokio::test]
async fn a_rate_limit_is_said_as_each_source_says_it() {
    let fixture = small().await;
    let wait = Duration::from_secs(7);
    fixture.upstream.inject(Fault::new("yahoo", FaultKind::RateLimited { retry_after: Some(wait) }));
    fixture.upstream.inject(Fault::new("kabutan", FaultKind::RateLimited { retry_after: None }));
    fixture.upstream.inject(Fault::new("stooq", FaultKind::RateLimited { retry_after: None }));
    let yahoo = fixture.get("yahoo", YAHOO).await;
    assert_eq!((yahoo.status().as_u16(), &yahoo.headers()[header::RETRY_AFTER.as_str()]), (429, &"7".parse().unwrap()));
    let kabutan = fixture.get("kabutan", KABUTAN).await;
    assert_eq!((kabutan.status().as_u16(), kabutan.headers().get(header::RETRY_AFTER.as_str())), (429, None));
    let stooq = fixture.get("stooq", STOOQ).await;
    assert_eq!(stooq.status(), 200);
    assert_eq!(stooq.text().await.unwrap(), "Exceeded the daily hits limit");
    fixture.stop().await;
}

#[tokio::test]
async fn a_block_is_a_page_of_its_own() {
    let fixture = small().await;
    for source in ["yahoo", "kabutan", "stooq"] {
        fixture.upstream.inject(Fault::new(source, FaultKind::BlockPage));
    }
    assert_eq!(fixture.get("yahoo", YAHOO).await.status(), 403);
    assert_eq!(fixture.get("kabutan", KABUTAN).await.status(), 403);
    assert!(fixture.text("stooq", STOOQ).await.contains("requires JavaScript to verify your browser"));
    fixture.stop().await;
}

#[tokio::test]
async fn bodies_can_be_empty_cut_foreign_or_far_too_long() {
    let fixture = small().await;
    let whole = fixture.text("kabutan", KABUTAN).await;
    for kind in [FaultKind::EmptyBody, FaultKind::Truncated, FaultKind::Html, FaultKind::Huge(300_001)] {
        fixture.upstream.inject(Fault::new("kabutan", kind).times(1));
    }
    assert_eq!(fixture.text("kabutan", KABUTAN).await, "");
    let half = fixture.text("kabutan", KABUTAN).await;
    assert!(whole.starts_with(&half) && (whole.len() / 2 - half.len()) < 4);
    assert!(fixture.text("kabutan", KABUTAN).await.contains("Maintenance"));
    let huge = fixture.get("kabutan", KABUTAN).await;
    assert_eq!(huge.content_length(), None);
    let huge = huge.text().await.unwrap();
    assert!(huge.len() == 300_001 && huge.starts_with(&whole));
    assert_eq!(fixture.text("kabutan", KABUTAN).await, whole);
    fixture.stop().await;
}

#[tokio::test]
async fn a_redirect_points_to_another_host() {
    let fixture = small().await;
    fixture.upstream.inject(Fault::new("stooq", FaultKind::RedirectElsewhere));
    let response = fixture.get("stooq", STOOQ).await;
    assert_eq!(response.status(), 302);
    assert!(response.headers()[header::LOCATION.as_str()].to_str().unwrap().contains("elsewhere.invalid"));
    fixture.stop().await;
}

#[tokio::test]
async fn a_timeout_answers_nothing_until_the_server_stops() {
    let fixture = small().await;
    fixture.upstream.inject(Fault::new("yahoo", FaultKind::Timeout));
    let url = format!("{}{YAHOO}", fixture.upstream.base_url("yahoo"));
    let waiting = fixture.client.get(&url).timeout(Duration::from_millis(50)).send().await;
    assert!(waiting.unwrap_err().is_timeout());
    let pending = fixture.client.get(&url).send();
    let stop = async {
        while fixture.upstream.requests().len() < 2 {
            tokio::task::yield_now().await;
        }
        fixture.cancel.cancel();
    };
    let (answer, ()) = tokio::join!(pending, stop);
    assert_eq!(answer.unwrap().status(), 503);
    fixture.stop().await;
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_answer() {
    let fixture = small().await;
    fixture.upstream.inject(Fault::new("kabutan", FaultKind::CutOff).times(1));
    let broken = fixture.get("kabutan", KABUTAN).await.text().await;
    assert!(broken.is_err(), "{broken:?}");
    assert!(fixture.text("kabutan", KABUTAN).await.contains("</html>"));
    fixture.stop().await;
}

#[tokio::test]
async fn the_log_says_what_struck_each_request_and_which_rows_were_shown() {
    let fixture = small().await;
    fixture.get("yahoo", YAHOO).await;
    assert!(fixture.upstream.requests()[0].rows.is_empty(), "rows are kept on demand");
    fixture.upstream.keep_rows();
    fixture.upstream.follow(FaultPlan::default().scripted(When::Nth(2), "yahoo", None, FaultKind::EmptyBody));
    for path in [YAHOO, YAHOO] {
        fixture.get("yahoo", path).await;
    }
    fixture.get("kabutan", KABUTAN).await;
    fixture.get("stooq", "/q/d/l/?s=1101.jp&i=d&d1=20150226").await;
    let log = fixture.upstream.requests();
    let faults: Vec<_> = log.iter().map(|record| record.fault).collect();
    assert_eq!(faults, [None, None, Some(FaultKind::EmptyBody), None, None]);
    // The upstream stands at a later day than its data, so that its newest row is that of 2015-02-27.
    let newest = log[1].rows.last().unwrap().date;
    assert_eq!((newest, log[1].rows.len(), log[1].as_of), (day("2015-02-27"), log[2].rows.len(), day(AS_OF)));
    assert_eq!((log[3].rows.len(), log[3].rows[0].date), (30, newest));
    assert_eq!(log[4].rows.iter().map(|bar| bar.date).collect::<Vec<_>>(), [day("2015-02-26"), newest]);
    fixture.stop().await;
}

#[tokio::test]
async fn a_disturbance_is_shown_by_its_source_until_the_vendor_mends_it() {
    let (on, mended) = (day("2015-02-25"), day("2015-02-27"));
    let show = |source, kind| Disturbance { source, code: "1101", from: on, until: Some(day("2015-02-26")), kind };
    let market = SimulatedMarket::generate(2015, mended);
    let data = SampleData::of(market.into_series()).disturbed([
        show("yahoo", DisturbanceKind::Wrong { on, factor: 1.1 }),
        show("kabutan", DisturbanceKind::Forgotten),
        show("stooq", DisturbanceKind::Late(on)),
    ]);
    let fixture = Fixture::serving(data).await;
    fixture.upstream.keep_rows();
    for as_of in [on, mended] {
        fixture.upstream.set_as_of(as_of);
        fixture.get("yahoo", YAHOO).await;
        let known = fixture.get("kabutan", KABUTAN).await.status() == 200;
        assert_eq!(known, as_of == mended);
        fixture.get("stooq", STOOQ).await;
    }
    let log = fixture.upstream.requests();
    let close = |record: usize| log[record].rows.iter().find(|bar| bar.date == on).and_then(|bar| bar.close);
    let truth = close(3).unwrap();
    assert_eq!(close(0), Some((truth * 11.0).round() / 10.0));
    assert_eq!((close(1), close(2), close(4), close(5)), (None, None, Some(truth), Some(truth)));
    fixture.stop().await;
}
