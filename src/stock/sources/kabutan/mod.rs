//! Kabutan's pages of daily prices, `/stock/kabuka`: HTML, thirty sessions a page, newest first.

mod columns;
mod history;
mod number;
mod page;
mod table;

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use self::history::History;
use self::page::Page;
use super::batch::settle;
use super::{BarQuery, SourceName};
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::client::PoliteClient;
use crate::crawl::request::Request;
use crate::crawl::source::Source;
use crate::crawl::subject::Subject;
use crate::stock::bar::RawBatch;

pub use page::parse;

/// The pace that Kabutan's robots.txt asks of crawlers (`Crawl-delay: 3`): no less between two requests.
pub const KABUTAN_FLOOR: Duration = Duration::from_secs(3);

/// Thirty sessions each: 36 years.
const MAX_PAGES: u32 = 300;

pub struct Kabutan {
    client: PoliteClient,
}

impl Kabutan {
    #[must_use]
    pub const fn new(client: PoliteClient) -> Self {
        Self { client }
    }

    async fn page(
        &self,
        query: &BarQuery,
        subject: &Subject,
        number: u32,
        cancel: &CancellationToken,
    ) -> Result<Answer<Page>, Refusal> {
        let request =
            Request::get("stock/kabuka").query("code", &query.code).query("ashi", "day").query("page", number);
        let request = request.about(subject);
        let code = query.code.clone();
        self.client.ask(&request, cancel, move |raw| parse(raw.status, &raw.body, &code)).await
    }
}

#[async_trait]
impl Source<BarQuery, RawBatch> for Kabutan {
    fn name(&self) -> &'static str {
        SourceName::Kabutan.as_str()
    }

    /// Pages back until the first day asked for is reached. A page that fails fails the whole: a history
    /// with a hole would look complete.
    async fn fetch(&self, query: &BarQuery, cancel: &CancellationToken) -> Result<Answer<RawBatch>, Refusal> {
        let Some(days) = query.final_days() else { return Ok(Answer::NoNewData) };
        let (mut history, subject) = (History::back_to(days.from), query.subject());
        for number in 1..=MAX_PAGES {
            match self.page(query, &subject, number, cancel).await? {
                Answer::Data(page) => history.add(page),
                // the pages end here
                Answer::NoNewData | Answer::UnknownSymbol if number > 1 => break,
                Answer::UnknownSymbol => return Ok(Answer::UnknownSymbol),
                Answer::Delisted => return Ok(Answer::Delisted),
                Answer::NotTradingDay | Answer::NoNewData => return Ok(Answer::NoNewData),
            }
            if history.is_complete() {
                break;
            }
        }
        Ok(settle(SourceName::Kabutan, query, history.finish()))
    }
}
