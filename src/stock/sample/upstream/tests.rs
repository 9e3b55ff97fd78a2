//! The shapes, the days and the faults, over real HTTP.

mod faults;
mod jquants;
mod kabutan;
mod stooq;
mod yahoo;

use chrono::NaiveDate;
use reqwest::{Client, Response, redirect};
use tokio_util::sync::CancellationToken;

use super::Upstream;
use crate::stock::sample::{SampleData, SimulatedMarket};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A Friday, the last session before a weekend.
const AS_OF: &str = "2026-11-20";

/// A running upstream on the demo's data, and a client.
struct Fixture {
    upstream: Upstream,
    client: Client,
    cancel: CancellationToken,
}

impl Fixture {
    async fn start() -> Self {
        Self::serving(data()).await
    }

    async fn serving(data: SampleData) -> Self {
        // Another test may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let cancel = CancellationToken::new();
        let upstream = Upstream::start(data, day(AS_OF), cancel.clone()).await.unwrap();
        let client = Client::builder().redirect(redirect::Policy::none()).user_agent("sample-test").build().unwrap();
        Self { upstream, client, cancel }
    }

    async fn get(&self, source: &str, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.upstream.base_url(source))).send().await.unwrap()
    }

    async fn text(&self, source: &str, path: &str) -> String {
        self.get(source, path).await.text().await.unwrap()
    }

    async fn stop(self) {
        drop(self.client);
        self.cancel.cancel();
        self.upstream.stopped().await;
    }
}

fn data() -> SampleData {
    SampleData::demo(day(AS_OF)).unwrap()
}

fn market() -> SimulatedMarket {
    SimulatedMarket::generate(2015, day(AS_OF))
}
