//! Questions about trading days, the same for every market.

use std::{iter, sync::Arc};

use chrono::NaiveDate;

use super::{
    Market, embedded,
    overrides::{MarketDay, Overrides},
};
use crate::stock::bar::Days;

/// The trading days of a market: the table in the binary, and over it what the exchange has announced since. Cheap to
/// clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    market: Market,
    /// None where nobody says otherwise.
    overrides: Option<Arc<Overrides>>,
}

impl Calendar {
    /// The table and the rules alone.
    #[must_use]
    pub const fn embedded(market: Market) -> Self {
        Self { market, overrides: None }
    }

    /// The table, and these days as the exchange says, which knows its own days up to `known_until`. Nothing said
    /// otherwise before counts.
    #[must_use]
    pub fn announced(
        market: Market,
        days: impl IntoIterator<Item = MarketDay>,
        known_until: Option<NaiveDate>,
    ) -> Self {
        let table = Self::embedded(market);
        let differing = days.into_iter().filter(|day| table.differs(day)).map(|day| (day.date, day.is_open));
        let overrides = Overrides { days: differing.collect(), known_until };
        Self { overrides: (overrides != Overrides::default()).then(|| Arc::new(overrides)), ..table }
    }

    #[must_use]
    pub const fn market(&self) -> Market {
        self.market
    }

    /// Whether the market trades on `date`, a day in its own zone.
    ///
    /// The table is exact for Tokyo from 1983 and for New York from 1990; earlier days follow the rules as far as they
    /// are known (see [`could_be_session`](Self::could_be_session)).
    #[must_use]
    pub fn is_session(&self, date: NaiveDate) -> bool {
        self.said(date).unwrap_or_else(|| embedded::is_session(self.market, date))
    }

    /// Whether a bar of `date` is believable: [`is_session`](Self::is_session) where the calendar is exact, and before
    /// that every day that is not surely closed. A row is rejected by this, so that no true bar of old is lost to a
    /// rule nobody can check.
    #[must_use]
    pub fn could_be_session(&self, date: NaiveDate) -> bool {
        self.said(date).unwrap_or_else(|| embedded::could_be_session(self.market, date))
    }

    /// The last day the calendar knows for sure, where it rests on a table; after it holidays count as sessions.
    #[must_use]
    pub fn known_until(&self) -> Option<NaiveDate> {
        let announced = self.overrides.as_ref().and_then(|overrides| overrides.known_until);
        embedded::known_until(self.market).map(|known| announced.map_or(known, |until| until.max(known)))
    }

    /// The sessions of a range of days, ascending.
    pub fn sessions(&self, days: Days) -> impl Iterator<Item = NaiveDate> + use<> {
        let calendar = self.clone();
        iter::successors(Some(days.from), NaiveDate::succ_opt)
            .take_while(move |date| *date <= days.to)
            .filter(move |date| calendar.is_session(*date))
    }

    /// The first session later than `date`.
    #[must_use]
    pub fn next_session_after(&self, date: NaiveDate) -> NaiveDate {
        iter::successors(date.succ_opt(), NaiveDate::succ_opt).find(|day| self.is_session(*day)).unwrap_or(date)
    }

    /// The last session earlier than `date`.
    #[must_use]
    pub fn previous_session(&self, date: NaiveDate) -> NaiveDate {
        self.nth_session_before(date, 1)
    }

    /// The `n`-th session earlier than `date`, which does not count itself; `date` when `n` is 0.
    #[must_use]
    pub fn nth_session_before(&self, date: NaiveDate, n: usize) -> NaiveDate {
        let Some(index) = n.checked_sub(1) else { return date };
        iter::successors(date.pred_opt(), NaiveDate::pred_opt)
            .filter(|day| self.is_session(*day))
            .nth(index)
            .unwrap_or(NaiveDate::MIN)
    }

    /// Whether the calendar says otherwise of the day.
    #[must_use]
    pub fn differs(&self, day: &MarketDay) -> bool {
        self.is_session(day.date) != day.is_open
    }

    /// The days, ascending, that are sessions by the table and none by the exchange: what was stored of them before it
    /// said so is still there.
    pub fn closed_days(&self) -> impl Iterator<Item = NaiveDate> {
        let days = self.overrides.iter().flat_map(|overrides| &overrides.days);
        days.filter(|(_, is_open)| !**is_open).map(|(date, _)| *date)
    }

    fn said(&self, date: NaiveDate) -> Option<bool> {
        self.overrides.as_ref().and_then(|overrides| overrides.days.get(&date).copied())
    }
}

#[cfg(test)]
#[path = "sessions_tests.rs"]
mod tests;
