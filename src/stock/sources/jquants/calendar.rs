//! The exchange's calendar, `/markets/calendar`.

use async_trait::async_trait;
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::api::{Api, Whole};
use crate::crawl::answer::{Answer, Refusal};
use crate::crawl::request::Request;
use crate::crawl::source::Source;
use crate::stock::bar::Days;
use crate::stock::calendar::MarketDay;
use crate::stock::sources::SourceName;
use crate::stock::sources::body::{blocked, schema_changed};

/// Which of these days are sessions in Tokyo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarQuery {
    pub days: Days,
}

/// Tokyo's calendar, as J-Quants says.
pub struct JquantsCalendar {
    api: Api,
}

#[derive(Deserialize)]
struct DayRecord {
    #[serde(rename = "Date")]
    date: NaiveDate,
    /// 0 closed, 1 open, 2 half a day, 3 closed with derivatives traded. Half a day is a session.
    #[serde(rename = "HolDiv", deserialize_with = "is_open")]
    is_open: bool,
}

/// The division comes as text; a number is understood as well.
fn is_open<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.as_str() {
        "1" | "2" => Ok(true),
        "0" | "3" => Ok(false),
        other => Err(serde::de::Error::custom(format!("{other:?} is no division of a holiday"))),
    }
}

impl JquantsCalendar {
    #[must_use]
    pub const fn new(api: Api) -> Self {
        Self { api }
    }

    async fn ask(&self, days: Days, cancel: &CancellationToken) -> Result<Whole<DayRecord>, Refusal> {
        let request = Request::get("markets/calendar").query("from", days.from).query("to", days.to);
        self.api.all(&request, cancel).await
    }
}

#[async_trait]
impl Source<CalendarQuery, Vec<MarketDay>> for JquantsCalendar {
    fn name(&self) -> &'static str {
        SourceName::Jquants.as_str()
    }

    async fn fetch(
        &self,
        query: &CalendarQuery,
        cancel: &CancellationToken,
    ) -> Result<Answer<Vec<MarketDay>>, Refusal> {
        let mut whole = self.ask(query.days, cancel).await?;
        // A plan may give a part of the days, and has said which.
        if let Whole::Covers(plan) = whole {
            let days = Days { from: query.days.from.max(plan.from), to: query.days.to.min(plan.to) };
            if days.from <= days.to && days != query.days {
                whole = self.ask(days, cancel).await?;
            }
        }
        match whole {
            Whole::Records(found) if found.records.is_empty() => Ok(Answer::NoNewData),
            Whole::Records(found) => {
                let day = |record: DayRecord| MarketDay { date: record.date, is_open: record.is_open };
                Ok(Answer::Data(found.records.into_iter().map(day).collect()))
            }
            Whole::Covers(days) => Err(blocked(format!("the plan covers {} to {} only", days.from, days.to))),
            Whole::TooLarge => Err(schema_changed("the calendar is too large")),
            Whole::NotInPlan(reason) => Err(blocked(reason)),
        }
    }
}
