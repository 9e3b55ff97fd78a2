//! The European Central Bank: a file with the newest day's rates, and one with all there ever were. Both are a CSV in
//! a zip. A pure parser reads them; none of it judges a rate beyond its form.

mod archive;
mod parse;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::rate::{Days, RawRates};
use crate::crawl::{Answer, PoliteClient, Refusal, Request, Source};

pub use parse::{parse, read};

/// The source's name in configuration, tables and metrics.
pub const NAME: &str = "ecb";

/// What a reader of the data must know: the ESCB's policy on the reuse of its statistics, and what the ECB says of the
/// rates themselves.
pub const LICENCE_NOTE: &str = "Source: ECB statistics. Free reuse if the source is named and the statistics are not \
     modified. Reference rates are for information only; the ECB discourages using them for transactions";

/// A file of the ECB's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// The newest day's rates: a kilobyte.
    Newest,
    /// Every day's since 1999: some 650 kilobytes.
    History,
}

impl File {
    /// The name at the end of its address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Newest => "eurofxref.zip",
            Self::History => "eurofxref-hist.zip",
        }
    }
}

/// What the source is asked: for days, by one of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateQuery {
    pub file: File,
    pub days: Days,
}

/// A source of rates.
pub type RateSource = dyn Source<RateQuery, RawRates>;

pub struct Ecb {
    client: PoliteClient,
}

impl Ecb {
    #[must_use]
    pub const fn new(client: PoliteClient) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Source<RateQuery, RawRates> for Ecb {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn fetch(&self, query: &RateQuery, cancel: &CancellationToken) -> Result<Answer<RawRates>, Refusal> {
        let request = Request::get("stats/eurofxref").segment(query.file.name());
        let days = query.days;
        self.client.ask(&request, cancel, move |raw| parse(raw.status, &raw.body, days)).await
    }
}
