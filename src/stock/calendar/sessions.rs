//! Questions about trading days, the same for every market.

use std::iter;

use chrono::NaiveDate;

use super::{Market, new_york, tokyo};
use crate::stock::bar::Days;

/// Whether the market trades on `date`, a day in its own zone.
///
/// Exact for Tokyo from 1983 and for New York from 1990, as compared with real series; earlier days follow the rules
/// as far as they are known (see [`could_be_session`]).
#[must_use]
pub fn is_session(market: Market, date: NaiveDate) -> bool {
    match market {
        Market::Tokyo => tokyo::is_session(date),
        Market::NewYork => new_york::is_session(date),
    }
}

/// Whether a bar of `date` is believable: [`is_session`] where the calendar is exact, and before that every day that
/// is not surely closed. A row is rejected by this, so that no true bar of old is lost to a rule nobody can check.
#[must_use]
pub fn could_be_session(market: Market, date: NaiveDate) -> bool {
    match market {
        Market::Tokyo => tokyo::could_be_session(date),
        Market::NewYork => new_york::could_be_session(date),
    }
}

/// The last day the calendar knows for sure, where it rests on a table; after it holidays count as sessions.
#[must_use]
pub fn known_until(market: Market) -> Option<NaiveDate> {
    match market {
        Market::Tokyo => tokyo::known_until(),
        Market::NewYork => None,
    }
}

/// The sessions of a range of days, ascending.
pub fn sessions(market: Market, days: Days) -> impl Iterator<Item = NaiveDate> {
    iter::successors(Some(days.from), NaiveDate::succ_opt)
        .take_while(move |date| *date <= days.to)
        .filter(move |date| is_session(market, *date))
}

/// The first session later than `date`.
#[must_use]
pub fn next_session_after(market: Market, date: NaiveDate) -> NaiveDate {
    iter::successors(date.succ_opt(), NaiveDate::succ_opt).find(|day| is_session(market, *day)).unwrap_or(date)
}

/// The last session earlier than `date`.
#[must_use]
pub fn previous_session(market: Market, date: NaiveDate) -> NaiveDate {
    nth_session_before(market, date, 1)
}

/// The `n`-th session earlier than `date`, which does not count itself; `date` when `n` is 0.
#[must_use]
pub fn nth_session_before(market: Market, date: NaiveDate, n: usize) -> NaiveDate {
    let Some(index) = n.checked_sub(1) else { return date };
    iter::successors(date.pred_opt(), NaiveDate::pred_opt)
        .filter(|day| is_session(market, *day))
        .nth(index)
        .unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_week_with_a_holiday_has_four_sessions() {
        let week = Days { from: day("2026-07-18"), to: day("2026-07-25") };
        let found: Vec<_> = sessions(Market::Tokyo, week).map(|date| date.to_string()).collect();
        assert_eq!(found, ["2026-07-21", "2026-07-22", "2026-07-23", "2026-07-24"]);
    }

    #[test]
    fn a_range_that_ends_before_it_starts_has_no_session() {
        let days = Days { from: day("2026-07-25"), to: day("2026-07-18") };
        assert_eq!(sessions(Market::NewYork, days).count(), 0);
    }

    #[test]
    fn neighbours_skip_the_turn_of_the_year() {
        assert_eq!(next_session_after(Market::Tokyo, day("2025-12-30")), day("2026-01-05"));
        assert_eq!(previous_session(Market::Tokyo, day("2026-01-05")), day("2025-12-30"));
        assert_eq!(next_session_after(Market::NewYork, day("2025-12-31")), day("2026-01-02"));
    }

    #[test]
    fn sessions_are_counted_back_from_the_day_before() {
        let tuesday = day("2026-11-24");
        assert_eq!(nth_session_before(Market::Tokyo, tuesday, 0), tuesday);
        assert_eq!(nth_session_before(Market::Tokyo, tuesday, 1), day("2026-11-20"));
        assert_eq!(nth_session_before(Market::Tokyo, tuesday, 10), day("2026-11-09"));
    }

    #[test]
    fn every_session_is_believable() {
        let days = Days { from: day("1949-01-01"), to: day("2035-12-31") };
        for market in Market::ALL {
            assert!(sessions(market, days).all(|date| could_be_session(market, date)));
        }
    }
}
