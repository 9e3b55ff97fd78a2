//! What the sources' tests share.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use url::Url;
use wiremock::MockServer;

use super::BarQuery;
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::client::{ClientOptions, PoliteClient};
use crate::crawl::memory_gate::MemoryGate;
use crate::crawl::observer::Unobserved;
use crate::stock::bar::{Bar, Days, RawBatch, StockCode};
use crate::stock::calendar::{Calendar, Market};

pub(super) use crate::stock::calendar::real_data::read as real;

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A Tokyo query whose last day is final.
pub fn query(code: &str, from: &str, to: &str) -> BarQuery {
    let days = Days { from: day(from), to: day(to) };
    BarQuery {
        code: StockCode::parse(code).unwrap(),
        calendar: Calendar::embedded(Market::Tokyo),
        days,
        newest_final: days.to,
    }
}

/// What most fixtures answer.
pub fn january() -> BarQuery {
    query("7777", "2024-01-04", "2024-01-12")
}

/// The batch of an answer that has one.
pub fn data(answer: Result<Answer<RawBatch>, Refusal>) -> RawBatch {
    match answer {
        Ok(Answer::Data(batch)) => batch,
        other => panic!("{other:?}"),
    }
}

pub fn query_in(market: Market, code: &str, from: &str, to: &str) -> BarQuery {
    BarQuery { calendar: Calendar::embedded(market), ..query(code, from, to) }
}

/// Open, high, low, close, volume.
pub const fn values(bar: &Bar) -> [Option<f64>; 5] {
    [bar.open, bar.high, bar.low, bar.close, bar.volume]
}

pub fn client(name: &'static str, server: &MockServer) -> PoliteClient {
    let options = ClientOptions {
        min_interval: Duration::ZERO,
        max_retries: 0,
        ..ClientOptions::new(name, Url::parse(&server.uri()).unwrap(), "datainfra-test")
    };
    PoliteClient::new(options, Arc::new(MemoryGate::default()), Arc::new(Unobserved)).unwrap()
}
