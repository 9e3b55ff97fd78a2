//! The source of bars: by company, or by day where many companies need the same days.

use async_trait::async_trait;
use serde::de::IgnoredAny;
use tokio_util::sync::CancellationToken;

use super::api::{Api, Whole};
use super::by_code::ByCode;
use super::by_day::ByDay;
use super::code;
use super::coverage::Coverage;
use super::parse::{all_of, batch};
use crate::clock::Clock;
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::request::Request;
use crate::crawl::source::Source;
use crate::stock::bar::{Days, RawBatch};
use crate::stock::calendar::Market;
use crate::stock::settings::jquants::Plan;
use crate::stock::sources::{BarQuery, SourceName};

/// Bars adjusted for splits, as far as the plan goes. What it does not cover is refused without a request, so that the
/// next source in order serves it.
pub struct Jquants {
    api: Api,
    coverage: Coverage,
    by_code: ByCode,
    by_day: ByDay,
}

impl Jquants {
    /// `clock` says what today is, by which the free plan's days are counted, and how old an answer for a day is.
    #[must_use]
    pub fn new(api: Api, plan: Plan, clock: Clock) -> Self {
        let by_day = ByDay::new(clock.clone());
        Self { api, coverage: Coverage::new(plan, clock), by_code: ByCode::new(), by_day }
    }

    async fn one_by_one(
        &self,
        query: &BarQuery,
        code: &str,
        days: Days,
        cancel: &CancellationToken,
    ) -> Result<Answer<RawBatch>, Refusal> {
        let (records, unreadable) =
            self.by_code.read(&self.api, &self.coverage, code, days, &query.subject(), cancel).await?;
        all_of(&records, code)?;
        // J-Quants may have told meanwhile that the plan gives less.
        let days = self.coverage.clip(days)?;
        if records.is_empty() && unreadable.is_empty() && !self.is_listed(code, cancel).await? {
            return Ok(Answer::UnknownSymbol);
        }
        Ok(batch(query, days, &records, unreadable))
    }

    /// No bars are no word on whether the code exists: the list of issues tells.
    async fn is_listed(&self, code: &str, cancel: &CancellationToken) -> Result<bool, Refusal> {
        let request = Request::get("equities/master").query("code", code);
        Ok(match self.api.all::<IgnoredAny>(&request, cancel).await? {
            Whole::Records(found) => !found.records.is_empty(),
            // The list does not tell, so nothing is said against the code.
            Whole::Covers(_) | Whole::TooLarge | Whole::NotInPlan(_) => true,
        })
    }
}

#[async_trait]
impl Source<BarQuery, RawBatch> for Jquants {
    fn name(&self) -> &'static str {
        SourceName::Jquants.as_str()
    }

    async fn fetch(&self, query: &BarQuery, cancel: &CancellationToken) -> Result<Answer<RawBatch>, Refusal> {
        let Some(code) = code::theirs(&query.code).filter(|_| query.market() == Market::Tokyo) else {
            return Ok(Answer::UnknownSymbol);
        };
        let Some(asked) = query.final_days() else { return Ok(Answer::NoNewData) };
        let days = self.coverage.clip(asked)?;
        let answer = match self.by_day.worth_it(&code, &query.calendar, days) {
            None => self.one_by_one(query, &code, days, cancel).await?,
            Some(sessions) => match self.by_day.read(&self.api, &self.coverage, &code, &sessions, cancel).await {
                // Each issue has a record on each session it is listed, traded or not.
                Ok(found) if found.market_is_there && found.records.is_empty() && found.unreadable.is_empty() => {
                    Answer::UnknownSymbol
                }
                Ok(found) => batch(query, days, &found.records, found.unreadable),
                Err(Refusal::SchemaChanged { .. }) => self.one_by_one(query, &code, days, cancel).await?,
                Err(refusal) => return Err(refusal),
            },
        };
        // Nothing within the plan's days is no word on those after them.
        if answer == Answer::NoNewData && self.coverage.clip(asked)?.to < asked.to {
            return Err(self.coverage.refusal(asked));
        }
        Ok(answer)
    }
}
