//! So many connections, each asking as soon as it is answered.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::{
    client::{Client, header},
    cpu,
    daemon::Daemon,
    figures::Figures,
    market::{Span, name},
};

/// Requests before what counts.
const WARM: usize = 10;

pub struct Load<'a> {
    pub daemon: &'a Daemon,
    pub span: &'a Span,
    pub companies: usize,
    pub connections: usize,
    pub time: Duration,
    /// Requests a second.
    pub baseline: Option<f64>,
}

impl Load<'_> {
    /// Asks for companies at random, after one answer has been looked at.
    pub async fn run(&self, what: &str, route: &str, query: &str, headers: &str) {
        let label = format!("{}, {what}", self.span.name);
        let mut client = Client::connect(self.daemon.address).await.unwrap();
        let answer = client.ask(&self.path(route, query, 0), headers).await.unwrap();
        if answer.status != 200 {
            println!("{label:<40} left out: the daemon answers {}", answer.status);
            return;
        }
        if what == "JSON" {
            let rows = String::from_utf8_lossy(answer.body).matches("\"date\"").count();
            assert_eq!(rows, self.span.sessions, "rows of the first answer");
        }
        let asks = (0..self.companies).map(|number| (self.path(route, query, number), headers.to_owned())).collect();
        self.measure(asks, 200).await.tell(&label, self.baseline);
    }

    /// The same of a client that has the newest answer already.
    pub async fn run_known(&self, what: &str, route: &str) {
        let mut client = Client::connect(self.daemon.address).await.unwrap();
        let mut asks = Vec::new();
        for number in 0..self.companies {
            let path = self.path(route, "", number);
            let answer = client.ask(&path, "").await.unwrap();
            let tag = header(answer.head, "etag").unwrap();
            asks.push((path.clone(), format!("If-None-Match: {tag}\r\n")));
        }
        self.measure(asks, 304).await.tell(&format!("{}, {what}", self.span.name), self.baseline);
    }

    fn path(&self, route: &str, query: &str, company: usize) -> String {
        let days = self.span.days;
        format!("/api/v1/{route}/{}?startDate={}&endDate={}{query}", name(company), days.from, days.to)
    }

    async fn measure(&self, asks: Vec<(String, String)>, expected: u16) -> Figures {
        let mut connections = JoinSet::new();
        let asks = std::sync::Arc::new(asks);
        let (address, time) = (self.daemon.address, self.time);
        let used = || (cpu::seconds(self.daemon.id()), cpu::seconds(std::process::id()));
        let before = used();
        for number in 0..self.connections {
            let asks = std::sync::Arc::clone(&asks);
            connections.spawn(async move {
                let mut random = fastrand::Rng::with_seed(number as u64);
                let mut client = Client::connect(address).await.unwrap();
                let (mut figures, mut warm, mut end) = (Figures::default(), 0, Instant::now() + time);
                while Instant::now() < end {
                    let (path, headers) = &asks[random.usize(..asks.len())];
                    let started = Instant::now();
                    let answer = client.ask(path, headers).await.unwrap();
                    assert_eq!(answer.status, expected, "{path}: {}", String::from_utf8_lossy(answer.body));
                    let took = started.elapsed();
                    let bytes = (answer.head.len() + answer.body.len()) as u64;
                    if warm < WARM {
                        warm += 1;
                        end = Instant::now() + time;
                        continue;
                    }
                    figures.push(took);
                    figures.bytes += bytes;
                }
                figures
            });
        }
        let mut all = Figures { seconds: time.as_secs_f64(), ..Figures::default() };
        while let Some(figures) = connections.join_next().await {
            let figures = figures.unwrap();
            all.latencies.extend(figures.latencies);
            all.bytes += figures.bytes;
        }
        let after = used();
        let spent = |before: Option<f64>, after: Option<f64>| Some(after? - before?);
        all.daemon = spent(before.0, after.0);
        all.client = spent(before.1, after.1);
        all
    }
}
