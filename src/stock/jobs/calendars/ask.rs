//! Asking for the exchange's own calendar: once a day over all replicas, and never at the cost of a run.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Days as Plus, Utc};
use tokio_util::sync::CancellationToken;

use super::answer::{announcement, told};
use crate::{
    crawl::{Answer, Refusal},
    db::{Connection, Database, DbError},
    stock::{
        bar::Days,
        calendar::{Market, MarketDay},
        sources::{CalendarQuery, CalendarSource},
        store::market_days,
    },
};

/// Days asked for before and after today.
const PAST: Plus = Plus::new(30);
const AHEAD: Plus = Plus::new(365);
/// The market whose calendar there is.
const MARKET: Market = Market::Tokyo;
/// A run waits no longer for the calendar.
const PATIENCE: Duration = Duration::from_mins(1);

/// Who publishes the calendar of Tokyo's exchange.
#[derive(Clone)]
pub struct ExchangeCalendar {
    database: Database,
    source: Arc<CalendarSource>,
}

/// An answer that is still to be kept, or why there is none.
pub struct Heard {
    source: &'static str,
    days: Result<Vec<MarketDay>, String>,
}

impl ExchangeCalendar {
    #[must_use]
    pub fn new(database: Database, source: Arc<CalendarSource>) -> Self {
        Self { database, source }
    }

    /// Asks unless somebody did within a day, and keeps what is said. Whatever else happens to the calendar, the one
    /// that is stored serves.
    ///
    /// # Errors
    /// What the database says.
    pub async fn refresh(&self, now: DateTime<Utc>, cancel: &CancellationToken) -> Result<(), DbError> {
        let Some(heard) = self.ask(now, cancel).await? else { return Ok(()) };
        let transaction = self.database.begin().await?;
        heard.keep(&transaction).await?;
        transaction.commit().await
    }

    /// Asks unless somebody did within a day.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ask(&self, now: DateTime<Utc>, cancel: &CancellationToken) -> Result<Option<Heard>, DbError> {
        if !market_days::claim(self.database.connection(), MARKET).await? {
            return Ok(None);
        }
        let today = now.with_timezone(&MARKET.zone()).date_naive();
        let from = today.checked_sub_days(PAST).unwrap_or(today);
        let days = Days { from, to: today.checked_add_days(AHEAD).unwrap_or(today) };
        let days = match self.fetch(&CalendarQuery { days }, cancel).await {
            Ok(Answer::Data(found)) => Ok(found),
            Ok(_) => Err("it has none".to_owned()),
            Err(Refusal::Cancelled) if cancel.is_cancelled() => {
                // Whoever takes the run over asks.
                market_days::release(self.database.connection(), MARKET).await?;
                return Ok(None);
            }
            Err(Refusal::Cancelled) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
            Err(refusal) => Err(refusal.to_string()),
        };
        Ok(Some(Heard { source: self.source.name(), days }))
    }

    async fn fetch(
        &self,
        query: &CalendarQuery,
        cancel: &CancellationToken,
    ) -> Result<Answer<Vec<MarketDay>>, Refusal> {
        let own = cancel.child_token();
        let mut answer = self.source.fetch(query, &own);
        tokio::select! {
            answer = &mut answer => return answer,
            () = tokio::time::sleep(PATIENCE) => own.cancel(),
        }
        answer.await
    }
}

impl Heard {
    /// Writes down what was said, and gives what is to be told of it. Given a transaction.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep(self, connection: &impl Connection) -> Result<Option<String>, DbError> {
        let Self { source, days } = self;
        let calendars = market_days::calendars(connection).await?;
        let calendar = calendars.of(MARKET);
        let said = match days.and_then(|found| announcement(calendar, found)) {
            Ok(said) => said,
            Err(reason) => {
                tracing::warn!(
                    source,
                    reason,
                    "the exchange's calendar could not be had; the one that is known serves"
                );
                return Ok(Some(format!("the calendar of {source} could not be had: {reason}")));
            }
        };
        market_days::save(connection, MARKET, source, &said).await?;
        let told = told(calendar, &said);
        if let Some(told) = &told {
            tracing::warn!(source, "{told}");
        }
        Ok(told)
    }
}
