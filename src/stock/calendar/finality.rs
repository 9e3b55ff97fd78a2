//! From when on a session's bar no longer changes.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::{Calendar, Market};

/// The instant from which every source shows the session's final bar.
///
/// Tokyo: 16:45 JST; the close is 15:30 (15:00 until 2024-11-01), Kabutan is 15 minutes late, J-Quants publishes at
/// about 16:30. New York: 16:45 local time, 45 minutes after the close.
#[must_use]
pub fn final_at(market: Market, session: NaiveDate) -> DateTime<Utc> {
    let settled = match market {
        Market::Tokyo | Market::NewYork => NaiveTime::from_hms_opt(16, 45, 0).unwrap_or_default(),
    };
    let local = session.and_time(settled);
    // No zone of ours changes its clocks in the afternoon, so there is exactly one such instant.
    local.and_local_timezone(market.zone()).earliest().map_or_else(|| local.and_utc(), |instant| instant.to_utc())
}

impl Calendar {
    /// The newest session whose bar is final at `now`.
    #[must_use]
    pub fn newest_final_session(&self, now: DateTime<Utc>) -> NaiveDate {
        let today = now.with_timezone(&self.market().zone()).date_naive();
        let over = self.is_session(today) && final_at(self.market(), today) <= now;
        if over { today } else { self.previous_session(today) }
    }
}

/// How much later than published a market's bars can be had, where nobody who serves it gives the newest days: none by
/// default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delays(BTreeMap<Market, TimeDelta>);

impl Delays {
    /// The same with a delay of one market.
    #[must_use]
    pub fn with(mut self, market: Market, delay: TimeDelta) -> Self {
        self.0.insert(market, delay);
        self
    }

    /// The newest session whose final bar can be had at `now`.
    #[must_use]
    pub fn newest_session(&self, calendar: &Calendar, now: DateTime<Utc>) -> NaiveDate {
        calendar.newest_final_session(now - self.0.get(&calendar.market()).copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    fn newest(market: Market, now: &str) -> String {
        Calendar::embedded(market).newest_final_session(now.parse().unwrap()).to_string()
    }

    #[test]
    fn tokyo_is_final_a_quarter_to_five_in_its_own_afternoon() {
        assert_eq!(newest(Market::Tokyo, "2026-11-20T16:44:59+09:00"), "2026-11-19");
        assert_eq!(newest(Market::Tokyo, "2026-11-20T16:45:00+09:00"), "2026-11-20");
    }

    #[test]
    fn a_weekend_and_a_holiday_leave_the_friday_newest() {
        for now in ["2026-11-21T12:00:00+09:00", "2026-11-23T23:59:59+09:00", "2026-11-24T09:30:00+09:00"] {
            assert_eq!(newest(Market::Tokyo, now), "2026-11-20");
        }
    }

    #[test]
    fn new_york_follows_its_daylight_saving() {
        assert_eq!(newest(Market::NewYork, "2026-07-01T20:44:00Z"), "2026-06-30");
        assert_eq!(newest(Market::NewYork, "2026-07-01T20:45:00Z"), "2026-07-01");
        assert_eq!(newest(Market::NewYork, "2026-12-01T20:45:00Z"), "2026-11-30");
        assert_eq!(newest(Market::NewYork, "2026-12-01T21:45:00Z"), "2026-12-01");
    }

    #[test]
    fn a_delay_moves_the_newest_session_of_its_market_back() {
        let delays = Delays::default().with(Market::Tokyo, TimeDelta::weeks(12));
        let now = "2026-11-20T18:00:00+09:00".parse().unwrap();
        let newest = |market| delays.newest_session(&Calendar::embedded(market), now).to_string();
        assert_eq!((newest(Market::Tokyo).as_str(), newest(Market::NewYork).as_str()), ("2026-08-28", "2026-11-19"));
    }

    #[test]
    fn the_day_is_the_markets_and_not_utcs() {
        // Saturday morning in Tokyo is still Friday evening in London.
        assert_eq!(newest(Market::Tokyo, "2026-11-20T22:00:00Z"), "2026-11-20");
        assert_eq!(newest(Market::NewYork, "2026-11-21T03:00:00Z"), "2026-11-20");
    }
}
