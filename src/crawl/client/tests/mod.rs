//! The client against servers that misbehave, over loopback.

mod archive;
mod manners;
mod wire;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use url::Url;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{ClientOptions, PoliteClient};
use crate::crawl::archive::Answered;
use crate::crawl::{Answer, MemoryGate, Observer, RawAnswer, Refusal, Request};

#[derive(Default)]
struct Seen(Mutex<Vec<&'static str>>, Mutex<Vec<Answered>>);

impl Seen {
    fn outcomes(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().clone()
    }

    fn answers(&self) -> Vec<Answered> {
        self.1.lock().unwrap().clone()
    }
}

impl Observer for Seen {
    fn request(&self, _source: &'static str, outcome: &'static str, _duration: Duration) {
        self.0.lock().unwrap().push(outcome);
    }

    fn answered(&self, answer: Answered) {
        self.1.lock().unwrap().push(answer);
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
