//! J-Quants' answers, good and ugly; the numbers of the fixtures are invented.

mod by_day;
mod others;
mod parser;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use url::Url;
use wiremock::MockServer;

use super::{Api, Jquants, QUOTA_WAIT};
use crate::clock::Clock;
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::client::{ClientOptions, PoliteClient};
use crate::crawl::memory_gate::MemoryGate;
use crate::crawl::observer::Unobserved;
use crate::crawl::source::Source;
use crate::settings::Secret;
use crate::stock::bar::RawBatch;
use crate::stock::settings::jquants::Plan;
use crate::stock::sources::BarQuery;

const BARS: &str = include_str!("../../../../../tests/fixtures/jquants/bars.json");
const MASTER: &str = include_str!("../../../../../tests/fixtures/jquants/master.json");
const OUTSIDE_PLAN: &str = include_str!("../../../../../tests/fixtures/jquants/outside_plan.json");
const NOT_IN_PLAN: &str = include_str!("../../../../../tests/fixtures/jquants/not_in_plan.json");
const NOTHING: &str = r#"{"data": []}"#;
const WRONG_KEY: &str = r#"{"message": "The incoming api key is invalid or expired."}"#;

fn api(server: &MockServer) -> Api {
    let options = ClientOptions {
        min_interval: Duration::ZERO,
        max_retries: 0,
        quota_wait: Some(QUOTA_WAIT),
        ..ClientOptions::new("jquants", Url::parse(&server.uri()).unwrap(), "datainfra-test")
    };
    let client = PoliteClient::new(options, Arc::new(MemoryGate::default()), Arc::new(Unobserved)).unwrap();
    Api::new(client, Secret::new("k3y"))
}

/// On the evening of 2024-01-12.
fn source(server: &MockServer, plan: Plan) -> Jquants {
    Jquants::new(api(server), plan, Clock::fixed("2024-01-12T09:00:00Z".parse().unwrap()))
}

async fn fetch(source: &Jquants, query: &BarQuery) -> Result<Answer<RawBatch>, Refusal> {
    source.fetch(query, &CancellationToken::new()).await
}

async fn asked(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    requests.iter().map(|request| format!("{}?{}", request.url.path(), request.url.query().unwrap_or(""))).collect()
}
