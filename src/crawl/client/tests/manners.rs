//! Retries, pace, breaker, classification.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use wiremock::matchers::header;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{Seen, body_of, ok, options, upstream};
use crate::crawl::client::PoliteClient;
use crate::crawl::gate::Closed;
use crate::crawl::{Answer, Cause, Gate, GateError, Pace, RawAnswer, Refusal, Request, Slot};

#[tokio::test]
async fn an_answer_is_classified_counted_and_asked_under_the_products_name() {
    let up = upstream(|_| ()).await;
    let named = header("user-agent", "datainfra-test (+https://example.org)");
    Mock::given(named).respond_with(ok("hello")).mount(&up.server).await;
    assert_eq!(up.ask().await, Ok(Answer::Data(b"hello".to_vec())));
    assert_eq!(up.seen.outcomes(), ["data"]);
}

#[tokio::test]
async fn a_server_error_is_tried_again_and_each_attempt_is_counted() {
    let up = upstream(|_| ()).await;
    up.answers_first(ResponseTemplate::new(500)).await;
    up.answers(ok("late")).await;
    assert_eq!(up.ask().await, Ok(Answer::Data(b"late".to_vec())));
    assert_eq!(up.seen.outcomes(), ["server", "data"]);
}

#[tokio::test]
async fn a_server_that_stays_down_opens_the_breaker_at_the_third_failure() {
    let up = upstream(|o| o.max_retries = 1).await;
    up.answers(ResponseTemplate::new(503)).await;
    for _ in 0..3 {
        assert_eq!(up.ask().await, Err(Refusal::Server { status: 503 }));
    }
    assert_eq!(up.requests().await, 6);
    let Err(Refusal::Closed { retry_after, .. }) = up.ask().await else { panic!("open") };
    assert!(retry_after > Duration::from_secs(290));
    assert_eq!(up.requests().await, 6, "a closed source is not asked");
    assert_eq!(up.seen.outcomes().last(), Some(&"closed"));
}

#[tokio::test]
async fn a_server_that_asks_for_a_long_wait_is_not_tried_again() {
    let up = upstream(|_| ()).await;
    up.answers(ResponseTemplate::new(503).insert_header("retry-after", "3600")).await;
    assert_eq!(up.ask().await, Err(Refusal::Server { status: 503 }));
    assert_eq!(up.requests().await, 1);
}

#[tokio::test]
async fn a_quota_with_a_long_wait_is_returned_and_closes_the_source_for_that_long() {
    let up = upstream(|_| ()).await;
    up.answers(ResponseTemplate::new(429).insert_header("retry-after", "1800")).await;
    let Err(Refusal::QuotaExceeded { retry_after, .. }) = up.ask().await else { panic!("quota") };
    assert_eq!(retry_after, Some(Duration::from_secs(1800)));
    let closed = up.gate.closed("test").await.unwrap().unwrap();
    assert!(closed.retry_after > Duration::from_secs(1790), "{closed:?}");
    assert_eq!(up.requests().await, 1);
}

#[tokio::test]
async fn a_quota_with_a_short_wait_is_sat_out() {
    let up = upstream(|_| ()).await;
    up.answers_first(ResponseTemplate::new(429).insert_header("retry-after", "1")).await;
    up.answers(ok("now")).await;
    assert_eq!(up.ask().await, Ok(Answer::Data(b"now".to_vec())));
    assert_eq!(up.seen.outcomes(), ["quota_exceeded", "data"]);
}

#[tokio::test]
async fn a_quota_without_a_wait_or_with_none_worth_the_name_is_not_tried_again() {
    let past = ResponseTemplate::new(429)
        .insert_header("date", "Wed, 21 Oct 2015 07:28:00 GMT")
        .insert_header("retry-after", "Wed, 21 Oct 2015 07:00:00 GMT");
    let zero = ResponseTemplate::new(429).insert_header("retry-after", "0");
    for answer in [ResponseTemplate::new(429), zero, past] {
        let up = upstream(|_| ()).await;
        up.answers(answer).await;
        assert!(matches!(up.ask().await, Err(Refusal::QuotaExceeded { retry_after: None, .. })));
        assert!(up.gate.closed("test").await.unwrap().unwrap().retry_after > Duration::from_secs(890));
        assert!(matches!(up.ask().await, Err(Refusal::Closed { .. })));
        assert_eq!(up.requests().await, 1);
    }
}

#[tokio::test]
async fn a_block_page_under_status_200_closes_the_source_for_everyone() {
    let up = upstream(|_| ()).await;
    up.answers(ok("<html>are you human?</html>")).await;
    let block = |_: &RawAnswer| Err::<Answer<()>, _>(Refusal::Blocked { reason: "a check".to_owned() });
    let result = up.client.ask(&Request::get("d"), &CancellationToken::new(), block).await;
    assert_eq!(result, Err(Refusal::Blocked { reason: "a check".to_owned() }));
    assert!(matches!(up.ask().await, Err(Refusal::Closed { .. })));
    assert_eq!(up.requests().await, 1);
}

#[tokio::test]
async fn other_statuses_are_left_to_the_source() {
    for status in [400, 403, 404] {
        let up = upstream(|_| ()).await;
        up.answers(ResponseTemplate::new(status)).await;
        let status_of = |raw: &RawAnswer| Ok(Answer::Data(raw.status));
        let result = up.client.ask(&Request::get("d"), &CancellationToken::new(), status_of).await;
        assert_eq!(result, Ok(Answer::Data(status)));
    }
}

#[tokio::test]
async fn a_cancelled_request_ends_at_once_in_the_answer_and_in_the_queue() {
    let up = upstream(|o| o.min_interval = Duration::from_hours(1)).await;
    up.answers(ok("late").set_delay(Duration::from_secs(3))).await;
    for _ in ["in the answer", "in the queue"] {
        let cancel = CancellationToken::new();
        let request = Request::get("d");
        let asked = up.client.ask(&request, &cancel, body_of);
        let (result, ()) = tokio::join!(asked, async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            cancel.cancel();
        });
        assert_eq!(result, Err(Refusal::Cancelled));
    }
    assert_eq!(up.seen.outcomes(), ["cancelled", "cancelled"]);
}

#[tokio::test]
async fn a_reader_that_panics_refuses_one_answer_and_harms_nothing_else() {
    let up = upstream(|_| ()).await;
    up.answers(ok("x")).await;
    let broken = |_: &RawAnswer| -> Result<Answer<()>, Refusal> { panic!("a fault of ours") };
    let result = up.client.ask(&Request::get("d"), &CancellationToken::new(), broken).await;
    assert!(matches!(result, Err(Refusal::SchemaChanged { .. })));
    assert!(up.ask().await.is_ok());
}

struct Away;

#[async_trait]
impl Gate for Away {
    async fn reserve(&self, _: &str, _: Pace) -> Result<Slot, GateError> {
        Err(anyhow::anyhow!("database is away").into())
    }
    async fn closed(&self, _: &str) -> Result<Option<Closed>, GateError> {
        Ok(None)
    }
    async fn trip(&self, _: &str, _: Duration, _: Cause, _: &str) -> Result<(), GateError> {
        Ok(())
    }
    async fn block(&self, _: &str, _: &str) -> Result<(), GateError> {
        Ok(())
    }
    async fn succeeded(&self, _: &str) -> Result<(), GateError> {
        Ok(())
    }
    async fn failed(&self, _: &str) -> Result<u32, GateError> {
        Ok(1)
    }
}

#[tokio::test]
async fn without_a_pace_nobody_is_asked() {
    let server = MockServer::start().await;
    let client = PoliteClient::new(options(&server.uri()), Arc::new(Away), Arc::new(Seen::default())).unwrap();
    let result = client.ask(&Request::get("d"), &CancellationToken::new(), body_of).await;
    let Err(Refusal::Closed { reason, .. }) = result else { panic!("closed") };
    assert_eq!(reason, "the pace could not be read: database is away");
    assert!(server.received_requests().await.unwrap().is_empty());
}
