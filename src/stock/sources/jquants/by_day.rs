//! The whole market of single days, `/equities/bars/daily?date=…`, each asked for once for all companies of a run.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::api::{Api, Whole};
use super::coverage::Coverage;
use super::page::Unreadable;
use super::record::BarRecord;
use super::rent::{MOST_SESSIONS, Rent};
use crate::clock::Clock;
use crate::crawl::answer::Refusal;
use crate::crawl::request::Request;
use crate::stock::bar::Days;
use crate::stock::calendar::Calendar;
use crate::stock::sources::body::{blocked, schema_changed};

/// So long a day's market is what J-Quants would answer now: the companies of one run see one state of it, and a run
/// begun later sees corrections, and splits that change the days before them.
const FRESH: TimeDelta = TimeDelta::minutes(10);
/// For so long companies are asked for one by one after whole days failed in a way that waiting does not help.
const GIVEN_UP: TimeDelta = TimeDelta::hours(12);
/// Days kept at once: a whole market is less than a megabyte.
const MOST_DAYS: usize = 2 * MOST_SESSIONS;

pub(super) struct ByDay {
    clock: Clock,
    days: Mutex<HashMap<NaiveDate, Slot>>,
    rent: Mutex<Rent>,
    /// Pages of the largest day so far.
    pages: AtomicUsize,
    /// When whole days last failed like that.
    failed_at: Mutex<Option<DateTime<Utc>>>,
}

struct Slot {
    made: DateTime<Utc>,
    market: Arc<OnceCell<MarketDay>>,
}

/// All issues on one day.
struct MarketDay {
    /// By code.
    records: Vec<BarRecord>,
    unreadable: Vec<Unreadable>,
}

/// What the days say of one company.
pub(super) struct Found {
    pub(super) records: Vec<BarRecord>,
    pub(super) unreadable: Vec<Unreadable>,
    /// Whether there is anybody on these days.
    pub(super) market_is_there: bool,
}

impl ByDay {
    /// `clock` says how old an answer is.
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            days: Mutex::default(),
            rent: Mutex::default(),
            pages: AtomicUsize::new(1),
            failed_at: Mutex::default(),
        }
    }

    /// The sessions to ask for, when that costs less than to ask for the company.
    pub(super) fn worth_it(&self, code: &str, calendar: &Calendar, days: Days) -> Option<Vec<NaiveDate>> {
        let days_of_it: Vec<NaiveDate> = calendar.sessions(days).take(MOST_SESSIONS + 1).collect();
        if days_of_it.is_empty() || days_of_it.len() > MOST_SESSIONS || self.is_given_up() {
            return None;
        }
        let missing = {
            let slots = self.fresh();
            days_of_it.iter().filter(|day| !slots.contains_key(day)).count()
        };
        let cost = missing * self.pages.load(Ordering::Relaxed);
        let mut rent = self.rent.lock().unwrap_or_else(PoisonError::into_inner);
        rent.is_over(code, days.to, cost, self.clock.now()).then_some(days_of_it)
    }

    fn is_given_up(&self) -> bool {
        let failed_at = *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        failed_at.is_some_and(|at| (self.clock.now() - at).abs() < GIVEN_UP)
    }

    /// Leaves it to asking by company for a while.
    fn give_up(&self, refusal: &Refusal) {
        tracing::warn!(%refusal, "J-Quants does not give whole days; companies are asked for one by one");
        *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.clock.now());
    }

    /// # Errors
    /// [`Refusal::SchemaChanged`] when whole days are not to be had: each company may be.
    pub(super) async fn read(
        &self,
        api: &Api,
        coverage: &Coverage,
        code: &str,
        days: &[NaiveDate],
        cancel: &CancellationToken,
    ) -> Result<Found, Refusal> {
        let mut found = Found { records: Vec::new(), unreadable: Vec::new(), market_is_there: false };
        for day in days {
            let slot = self.slot(*day);
            // Whoever comes first asks; the others wait, and one of them goes on should the first be cancelled.
            let market = slot.get_or_try_init(|| self.asked(api, coverage, *day, cancel)).await?;
            found.market_is_there |= !market.records.is_empty();
            found.records.extend_from_slice(market.of(code));
            let of_it = market.unreadable.iter().filter(|record| record.code.as_deref() == Some(code));
            found.unreadable.extend(of_it.cloned());
        }
        Ok(found)
    }

    async fn asked(
        &self,
        api: &Api,
        coverage: &Coverage,
        day: NaiveDate,
        cancel: &CancellationToken,
    ) -> Result<MarketDay, Refusal> {
        if self.is_given_up() {
            return Err(schema_changed("whole days are not given"));
        }
        let market = self.ask(api, coverage, day, cancel).await;
        if let Err(refusal @ Refusal::SchemaChanged { .. }) = &market {
            self.give_up(refusal);
        }
        market
    }

    async fn ask(
        &self,
        api: &Api,
        coverage: &Coverage,
        day: NaiveDate,
        cancel: &CancellationToken,
    ) -> Result<MarketDay, Refusal> {
        match api.all::<BarRecord>(&Request::get("equities/bars/daily").query("date", day), cancel).await? {
            Whole::Records(found) => {
                if let Some(other) = found.records.iter().find(|record| record.date != day) {
                    return Err(schema_changed(format!("asked for {day}, answered for {}", other.date)));
                }
                self.pages.fetch_max(found.pages, Ordering::Relaxed);
                Ok(MarketDay::new(found.records, found.unreadable))
            }
            Whole::Covers(window) => {
                coverage.learn(window);
                Err(coverage.refusal(Days { from: day, to: day }))
            }
            Whole::TooLarge => Err(schema_changed(format!("the whole market of {day} is too large"))),
            Whole::NotInPlan(reason) => Err(blocked(reason)),
        }
    }

    fn slot(&self, day: NaiveDate) -> Arc<OnceCell<MarketDay>> {
        let mut slots = self.fresh();
        if slots.len() >= MOST_DAYS && !slots.contains_key(&day) {
            let oldest = slots.iter().min_by_key(|(_, slot)| slot.made).map(|(day, _)| *day);
            oldest.map(|oldest| slots.remove(&oldest));
        }
        let slot = slots.entry(day).or_insert_with(|| Slot { made: self.clock.now(), market: Arc::default() });
        Arc::clone(&slot.market)
    }

    /// The days without those that are no longer fresh.
    fn fresh(&self) -> MutexGuard<'_, HashMap<NaiveDate, Slot>> {
        let mut slots = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        // A clock that was set back makes nothing fresh for longer.
        slots.retain(|_, slot| (now - slot.made).abs() < FRESH);
        slots
    }
}

impl MarketDay {
    fn new(mut records: Vec<BarRecord>, unreadable: Vec<Unreadable>) -> Self {
        records.sort_by(|a, b| a.code.cmp(&b.code));
        Self { records, unreadable }
    }

    fn of(&self, code: &str) -> &[BarRecord] {
        let from = self.records.partition_point(|record| record.code.as_str() < code);
        let rest = &self.records[from..];
        &rest[..rest.partition_point(|record| record.code == code)]
    }
}
