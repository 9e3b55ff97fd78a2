//! Asking the ECB, and judging what it gave.

use std::time::Duration;

use anyhow::anyhow;
use chrono::{NaiveDate, TimeDelta};
use tokio_util::sync::CancellationToken;

use crate::{
    crawl::{Answer, Refusal, task_error},
    fx::{
        calendar::next_target_day,
        checks::{COMPARED_DAYS, Judged, judge},
        ecb::{File, RateQuery, RateSource},
        rate::{Days, Rate},
    },
    jobs::TaskError,
};

/// When to look again for rates that are late.
pub const LATE: Duration = Duration::from_mins(10);

/// An answer that can be loaded.
#[derive(Debug)]
pub struct Fetched {
    /// The days it is about: those asked for, or more when the first answer raised a doubt.
    pub days: Days,
    /// The newest day of the whole file.
    published: Option<NaiveDate>,
    /// Only what is about the days.
    pub judged: Judged,
}

impl Fetched {
    /// The days the answer tells of: none of them needs to be asked for again.
    #[must_use]
    pub fn vouched(&self) -> Option<Days> {
        let days = Days { from: self.days.from, to: self.published?.min(self.days.to) };
        (days.from <= days.to).then_some(days)
    }

    /// The first day that should have rates and is not published yet.
    #[must_use]
    pub fn overdue(&self) -> Option<NaiveDate> {
        let next = self.published.map_or(self.days.to, next_target_day);
        (next <= self.days.to).then_some(next)
    }
}

/// Asks for what is needed; for the history as well when the small file leaves a doubt.
///
/// # Errors
/// By what can be done about it; also when the newest day is not published yet.
pub async fn fetch(
    source: &RateSource,
    query: RateQuery,
    newest: NaiveDate,
    known: &[Rate],
    cancel: &CancellationToken,
) -> Result<Fetched, TaskError> {
    let fetched = ask(source, query, newest, known, cancel).await?;
    if !fetched.judged.in_doubt || query.file == File::History {
        return Ok(fetched);
    }
    tracing::info!("a rate leaps, and the history is asked whether it was the day before already");
    let days = Days { from: newest - TimeDelta::days(COMPARED_DAYS), to: newest };
    ask(source, RateQuery { file: File::History, days }, newest, &[], cancel).await
}

async fn ask(
    source: &RateSource,
    query: RateQuery,
    newest: NaiveDate,
    known: &[Rate],
    cancel: &CancellationToken,
) -> Result<Fetched, TaskError> {
    let mut judged = match source.fetch(&query, cancel).await {
        Ok(Answer::Data(raw)) => {
            judge(raw, newest, known).map_err(|reason| task_error(source.name(), &Refusal::SchemaChanged { reason }))?
        }
        Ok(Answer::NoNewData | Answer::NotTradingDay) => return Err(late(query.days.to)),
        Ok(Answer::UnknownSymbol | Answer::Delisted) => {
            return Err(TaskError::Fatal(anyhow!("{} has no rates at all", source.name())));
        }
        Err(refusal) => return Err(task_error(source.name(), &refusal)),
    };
    let published = judged.rates.iter().map(|rate| rate.date).max();
    judged.rates.retain(|rate| query.days.contains(rate.date));
    judged.rejected.retain(|rejection| rejection.date.is_none_or(|date| query.days.contains(date) || date > newest));
    Ok(Fetched { days: query.days, published, judged })
}

/// The rates of a TARGET day should be there, and are not.
pub fn late(day: NaiveDate) -> TaskError {
    let error = anyhow!("the ECB has not published the rates of {day} yet, which it usually does at around 16:00");
    TaskError::Retry { after: Some(LATE), error }
}
