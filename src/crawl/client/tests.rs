//! The client against servers that misbehave, over loopback.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use url::Url;
use wiremock::matchers::{header, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{ClientOptions, PoliteClient};
use crate::crawl::{Answer, Gate, GateError, MemoryGate, Observer, RawAnswer, Refusal, Request, Slot};
use crate::crawl::gate::Closed;

#[derive(Default)]
struct Seen(Mutex<Vec<&'static str>>);

impl Seen {
    fn outcomes(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Seen {
    fn request(&self, _source: &str, outcome: &'static str, _duration: Duration) {
        self.0.lock().unwrap().push(outcome);
    }
}

struct Upstream {
    server: MockServer,
    gate: Arc<MemoryGate>,
    seen: Arc<Seen>,
    client: PoliteClient,
}

fn options(base: &str) -> ClientOptions {
    ClientOptions {
        min_interval: Duration::from_millis(1),
        timeout: Duration::from_secs(5),
        retry_base: Duration::from_millis(1),
        ..ClientOptions::new("test", Url::parse(base).unwrap(), "datainfra-test (+https://example.org)")
    }
}

async fn upstream(adjust: impl FnOnce(&mut ClientOptions)) -> Upstream {
    let server = MockServer::start().await;
    let (gate, seen) = (Arc::new(MemoryGate::default()), Arc::new(Seen::default()));
    let mut options = options(&server.uri());
    adjust(&mut options);
    let client = PoliteClient::new(options, gate.clone(), seen.clone()).unwrap();
    Upstream { server, gate, seen, client }
}

impl Upstream {
    async fn answers(&self, answer: ResponseTemplate) {
        Mock::given(path("/d")).respond_with(answer).mount(&self.server).await;
    }

    async fn answers_first(&self, answer: ResponseTemplate) {
        Mock::given(path("/d")).respond_with(answer).up_to_n_times(1).with_priority(1).mount(&self.server).await;
    }

    async fn ask(&self) -> Result<Answer<Vec<u8>>, Refusal> {
        self.client.ask(&Request::get("d"), &CancellationToken::new(), body_of).await
    }

    async fn requests(&self) -> usize {
        self.server.received_requests().await.unwrap().len()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a classification")]
fn body_of(raw: &RawAnswer) -> Result<Answer<Vec<u8>>, Refusal> {
    Ok(Answer::Data(raw.body.clone()))
}

fn ok(body: impl Into<Vec<u8>>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_bytes(body)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

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
    up.answers_first(ResponseTemplate::new(429).insert_header("retry-after", "0")).await;
    up.answers(ok("now")).await;
    assert_eq!(up.ask().await, Ok(Answer::Data(b"now".to_vec())));
    assert_eq!(up.seen.outcomes(), ["quota_exceeded", "data"]);
}

#[tokio::test]
async fn a_quota_without_a_wait_is_not_tried_again() {
    let up = upstream(|_| ()).await;
    up.answers(ResponseTemplate::new(429)).await;
    assert!(matches!(up.ask().await, Err(Refusal::QuotaExceeded { retry_after: None, .. })));
    assert!(up.gate.closed("test").await.unwrap().unwrap().retry_after > Duration::from_secs(890));
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
async fn a_silent_server_is_a_network_fault_within_the_timeout() {
    let up = upstream(|o| (o.timeout, o.max_retries) = (Duration::from_millis(30), 1)).await;
    up.answers(ok("late").set_delay(Duration::from_secs(3))).await;
    let Err(Refusal::Network { reason }) = up.ask().await else { panic!("network") };
    assert!(reason.contains("within 30ms"), "{reason}");
    assert_eq!(up.seen.outcomes(), ["network", "network"]);
}

#[tokio::test]
async fn nobody_listening_is_a_network_fault() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let options = ClientOptions { max_retries: 0, ..options(&base) };
    let client = PoliteClient::new(options, Arc::new(MemoryGate::default()), Arc::new(Seen::default())).unwrap();
    let result = client.ask(&Request::get("d"), &CancellationToken::new(), body_of).await;
    let Err(Refusal::Network { reason }) = result else { panic!("network") };
    assert!(reason.to_lowercase().contains("refused"), "{reason}");
}

#[tokio::test]
async fn a_redirect_on_the_same_host_is_followed() {
    let up = upstream(|_| ()).await;
    up.answers(ResponseTemplate::new(302).insert_header("location", "/e?x=1")).await;
    Mock::given(path("/e")).and(query_param("x", "1")).respond_with(ok("there")).mount(&up.server).await;
    assert_eq!(up.ask().await, Ok(Answer::Data(b"there".to_vec())));
}

#[tokio::test]
async fn a_redirect_to_another_host_is_a_block_and_nothing_is_sent_there() {
    let up = upstream(|_| ()).await;
    let other = MockServer::start().await;
    for location in [format!("{}/d", other.uri()), "https://consent.example.invalid/".to_owned()] {
        let up = upstream(|_| ()).await;
        up.answers(ResponseTemplate::new(307).insert_header("location", location.as_str())).await;
        let Err(Refusal::Blocked { reason }) = up.ask().await else { panic!("blocked") };
        assert!(reason.contains("redirected to another host"), "{reason}");
    }
    assert!(other.received_requests().await.unwrap().is_empty());
    assert!(up.gate.closed("test").await.unwrap().is_none(), "each upstream has its own gate");
}

#[tokio::test]
async fn a_redirect_without_end_stops_after_five() {
    let up = upstream(|_| ()).await;
    up.answers(ResponseTemplate::new(301).insert_header("location", "/d")).await;
    assert!(matches!(up.ask().await, Err(Refusal::Blocked { reason }) if reason.contains("more than 5 redirects")));
    assert_eq!(up.requests().await, 6);
}

#[tokio::test]
async fn a_body_over_the_cap_is_refused_plain_or_compressed() {
    let large = vec![b'0'; 20 << 20];
    for answer in [ok(large.clone()), ok(gzip(&large)).insert_header("content-encoding", "gzip")] {
        let up = upstream(|_| ()).await;
        up.answers(answer).await;
        let Err(Refusal::SchemaChanged { reason }) = up.ask().await else { panic!("too large") };
        assert!(reason.contains("more than 16777216 bytes"), "{reason}");
        assert_eq!(up.seen.outcomes(), ["schema_changed"]);
    }
}

#[tokio::test]
async fn a_compressed_body_arrives_as_text() {
    let up = upstream(|_| ()).await;
    up.answers(ok(gzip(b"plain")).insert_header("content-encoding", "gzip")).await;
    assert_eq!(up.ask().await, Ok(Answer::Data(b"plain".to_vec())));
}

#[tokio::test]
async fn a_body_shorter_than_its_declared_length_is_a_network_fault() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let serve = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.read(&mut [0; 4096]).await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nDate,Open").await.unwrap();
    };
    let options = ClientOptions { max_retries: 0, ..options(&base) };
    let client = PoliteClient::new(options, Arc::new(MemoryGate::default()), Arc::new(Seen::default())).unwrap();
    let (request, cancel) = (Request::get("d"), CancellationToken::new());
    let (result, ()) = tokio::join!(client.ask(&request, &cancel, body_of), serve);
    assert!(matches!(result, Err(Refusal::Network { .. })), "{result:?}");
}

#[tokio::test]
async fn a_key_is_sent_and_never_shown() {
    let up = upstream(|o| (o.timeout, o.max_retries) = (Duration::from_millis(30), 0)).await;
    let slow = ok("x").set_delay(Duration::from_secs(3));
    Mock::given(query_param("apikey", "s3cret")).respond_with(slow).mount(&up.server).await;
    let request = Request::get("d").query("s", "x").secret_query("apikey", "s3cret");
    let Err(Refusal::Network { reason }) = up.client.ask(&request, &CancellationToken::new(), body_of).await else {
        panic!("network")
    };
    assert!(reason.contains("/d?s=x&apikey=***"), "{reason}");
    up.server.reset().await;
    up.answers(ok("no such key: s3cret")).await;
    let echo = |raw: &RawAnswer| Err::<Answer<()>, _>(Refusal::SchemaChanged { reason: raw.text().into_owned() });
    let Err(refusal) = up.client.ask(&request, &CancellationToken::new(), echo).await else { panic!("refused") };
    assert_eq!(refusal.to_string(), "unexpected answer: no such key: ***");
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
    async fn reserve(&self, _: &str, _: Duration) -> Result<Slot, GateError> {
        Err(anyhow::anyhow!("database is away").into())
    }
    async fn closed(&self, _: &str) -> Result<Option<Closed>, GateError> {
        Ok(None)
    }
    async fn trip(&self, _: &str, _: Duration, _: &str) -> Result<(), GateError> {
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

#[test]
fn an_address_that_is_not_http_makes_no_client() {
    let options = options("ftp://example.org");
    let made = PoliteClient::new(options, Arc::new(MemoryGate::default()), Arc::new(Seen::default()));
    assert!(made.err().unwrap().to_string().ends_with("not ftp"));
}
