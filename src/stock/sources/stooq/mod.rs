//! Stooq's CSV download, `/q/d/l/`: one answer for any range. Adjusted for dividends too, unlike the others.

mod parse;
mod refused;
mod row;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{BarQuery, SourceName};
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::client::PoliteClient;
use crate::crawl::request::Request;
use crate::crawl::source::Source;
use crate::stock::bar::{RawBatch, StockCode};
use crate::stock::calendar::Market;

pub(in crate::stock::sources) use parse::HEADERS;
pub use parse::parse;

pub struct Stooq {
    client: PoliteClient,
    api_key: String,
}

impl Stooq {
    /// Without a key (`""`) Stooq may answer with a page for browsers, which is taken as a block.
    #[must_use]
    pub fn new(client: PoliteClient, api_key: impl Into<String>) -> Self {
        Self { client, api_key: api_key.into() }
    }
}

#[async_trait]
impl Source<BarQuery, RawBatch> for Stooq {
    fn name(&self) -> &'static str {
        SourceName::Stooq.as_str()
    }

    async fn fetch(&self, query: &BarQuery, cancel: &CancellationToken) -> Result<Answer<RawBatch>, Refusal> {
        let Some(days) = query.final_days() else { return Ok(Answer::NoNewData) };
        let request = Request::get("q/d/l/")
            .query("s", symbol(&query.code, query.market()))
            .query("d1", days.from.format("%Y%m%d"))
            .query("d2", days.to.format("%Y%m%d"))
            .query("i", "d")
            .secret_query("apikey", &self.api_key)
            .about(&query.subject());
        let query = query.clone();
        self.client.ask(&request, cancel, move |raw| parse(raw.status, &raw.body, &query)).await
    }
}

/// `7203.jp`, `brk-b.us`; an index has no suffix.
fn symbol(code: &StockCode, market: Market) -> String {
    let code = code.as_str().to_ascii_lowercase();
    match market {
        _ if code.starts_with('^') => code,
        Market::Tokyo => format!("{code}.jp"),
        Market::NewYork => format!("{}.us", code.replace('.', "-")),
    }
}
