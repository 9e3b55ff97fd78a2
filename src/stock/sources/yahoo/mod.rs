//! Yahoo's chart endpoint, `/v8/finance/chart/SYMBOL`: one JSON answer for any range, splits included.

mod parse;
pub(super) mod price;
mod wire;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use chrono::{Days as Plus, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use tokio_util::sync::CancellationToken;

use super::{BarQuery, SourceName};
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::client::PoliteClient;
use crate::crawl::request::Request;
use crate::crawl::source::Source;
use crate::stock::bar::{RawBatch, StockCode};
use crate::stock::calendar::Market;

pub use parse::parse;

pub struct Yahoo {
    client: PoliteClient,
}

impl Yahoo {
    #[must_use]
    pub const fn new(client: PoliteClient) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Source<BarQuery, RawBatch> for Yahoo {
    fn name(&self) -> &'static str {
        SourceName::Yahoo.as_str()
    }

    async fn fetch(&self, query: &BarQuery, cancel: &CancellationToken) -> Result<Answer<RawBatch>, Refusal> {
        let Some(days) = query.final_days() else { return Ok(Answer::NoNewData) };
        let zone = query.market().zone();
        let request = Request::get("v8/finance/chart")
            .segment(&symbol(&query.code, query.market()))
            .query("period1", midnight(days.from, zone))
            .query("period2", midnight(days.to + Plus::new(1), zone))
            .query("interval", "1d")
            .query("events", "div,split")
            .about(&query.subject());
        let query = query.clone();
        self.client.ask(&request, cancel, move |raw| parse(raw.status, &raw.body, &query)).await
    }
}

/// `7203.T`, `BRK-B`; an index has no suffix.
fn symbol(code: &StockCode, market: Market) -> String {
    match market {
        _ if code.as_str().starts_with('^') => code.as_str().to_owned(),
        Market::Tokyo => format!("{code}.T"),
        Market::NewYork => code.as_str().replace('.', "-"),
    }
}

/// The beginning of a day in the market's zone, in seconds since the epoch.
fn midnight(day: NaiveDate, zone: Tz) -> i64 {
    let midnight = day.and_time(NaiveTime::MIN);
    // neither market has ever turned its clock at midnight, but a later one may
    midnight.and_local_timezone(zone).earliest().map_or_else(|| midnight.and_utc().timestamp(), |at| at.timestamp())
}
