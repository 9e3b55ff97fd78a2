//! A source on loopback that knows every company: CSV as Stooq gives it, each number a function of company and day.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
};

use axum::{Router, extract::RawQuery, extract::State, routing::get};
use chrono::{Datelike as _, NaiveDate};
use data_infrastructure::stock::{
    bar::Days,
    calendar::{Calendar, Market},
};
use std::fmt::Write as _;
use tokio::task::JoinSet;

pub struct Source {
    pub address: SocketAddr,
    /// The newest day it knows.
    today: Arc<AtomicI32>,
    _server: JoinSet<()>,
}

impl Source {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let today = Arc::new(AtomicI32::new(0));
        let router = Router::new().route("/q/d/l/", get(answer)).with_state(Arc::clone(&today));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, today, _server: server }
    }

    pub fn turn_to(&self, day: NaiveDate) {
        self.today.store(day.num_days_from_ce(), Ordering::Relaxed);
    }
}

async fn answer(State(today): State<Arc<AtomicI32>>, RawQuery(query): RawQuery) -> String {
    let query = query.unwrap_or_default();
    let given = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or("");
    let code: i64 = given("s").trim_end_matches(".jp").parse().unwrap();
    let day = |name: &str| NaiveDate::parse_from_str(given(name), "%Y%m%d").unwrap();
    let today = NaiveDate::from_num_days_from_ce_opt(today.load(Ordering::Relaxed)).unwrap();
    let days = Days { from: day("d1"), to: day("d2").min(today) };
    let mut csv = "Date,Open,High,Low,Close,Volume\r\n".to_owned();
    for date in Calendar::embedded(Market::Tokyo).sessions(days) {
        let close = 1000 + code % 1000 + i64::from(date.num_days_from_ce()) % 97;
        let _ = write!(csv, "{date},{close},{},{},{close}.5,{}\r\n", close + 3, close - 3, code * 1000);
    }
    csv
}
