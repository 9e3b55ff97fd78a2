//! Time, size, addresses, secrets.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;
use wiremock::matchers::{path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{Seen, body_of, ok, options, upstream};
use crate::crawl::client::{ClientOptions, PoliteClient};
use crate::crawl::{Answer, Gate, MemoryGate, RawAnswer, Refusal, Request};

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
    let other = MockServer::start().await;
    for location in [format!("{}/d", other.uri()), "https://consent.example.invalid/".to_owned()] {
        let up = upstream(|_| ()).await;
        up.answers(ResponseTemplate::new(307).insert_header("location", location.as_str())).await;
        let Err(Refusal::Blocked { reason }) = up.ask().await else { panic!("blocked") };
        assert!(reason.contains("redirected to another host"), "{reason}");
        assert!(up.gate.closed("test").await.unwrap().is_some(), "a block opens the breaker");
    }
    assert!(other.received_requests().await.unwrap().is_empty());
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
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let serve = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _request = socket.read(&mut [0; 4096]).await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nDate,Open").await.unwrap();
    };
    let options = ClientOptions { max_retries: 0, ..options(&base) };
    let client = PoliteClient::new(options, Arc::new(MemoryGate::default()), Arc::new(Seen::default())).unwrap();
    let (request, cancel) = (Request::get("d"), CancellationToken::new());
    let (result, ()) = tokio::join!(client.ask(&request, &cancel, body_of), serve);
    assert!(matches!(result, Err(Refusal::Network { .. })), "{result:?}");
}

#[test]
fn an_address_that_is_not_http_makes_no_client() {
    let options = options("ftp://example.org");
    let made = PoliteClient::new(options, Arc::new(MemoryGate::default()), Arc::new(Seen::default()));
    assert!(made.err().unwrap().to_string().ends_with("not ftp"));
}

#[tokio::test]
async fn a_key_is_sent_and_never_shown() {
    let up = upstream(|o| o.max_retries = 0).await;
    let large = ok("").set_body_bytes(vec![b'x'; 17 * 1024 * 1024]);
    Mock::given(query_param("apikey", "s3cret")).respond_with(large).mount(&up.server).await;
    let request = Request::get("d").query("s", "x").secret_query("apikey", "s3cret");
    let Err(Refusal::SchemaChanged { reason }) = up.client.ask(&request, &CancellationToken::new(), body_of).await
    else {
        panic!("too large")
    };
    assert!(reason.contains("/d?s=x&apikey=***"), "{reason}");
    up.server.reset().await;
    up.answers(ok("no such key: s3cret")).await;
    let echo = |raw: &RawAnswer| Err::<Answer<()>, _>(Refusal::SchemaChanged { reason: raw.text().into_owned() });
    let Err(refusal) = up.client.ask(&request, &CancellationToken::new(), echo).await else { panic!("refused") };
    assert_eq!(refusal.to_string(), "unexpected answer: no such key: ***");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
