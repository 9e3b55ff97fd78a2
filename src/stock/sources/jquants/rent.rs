//! Whether to ask for companies one by one or for the whole market, day by day. Pure.
//!
//! Nobody tells how many companies will be asked for, so it is decided as in renting or buying skis: by company
//! (rent) until as many have been asked for as the days of the whole market would have cost, then by day (buy). That
//! is never more than twice what knowing beforehand would have cost (Karlin, Manasse, Rudolph, Sleator 1988). How many
//! were asked for the newest day before is remembered, so that a daemon knows beforehand from its second day on.

use std::collections::HashSet;

use chrono::NaiveDate;

/// A longer range is a history, asked for by company. Ten sessions are read again each day, a few more after an outage.
pub(super) const MOST_SESSIONS: usize = 20;

/// The companies asked for whose range ends on one day.
#[derive(Default)]
pub(super) struct Rent {
    end: Option<NaiveDate>,
    codes: HashSet<String>,
    /// How many there were for the day before that.
    before: usize,
}

impl Rent {
    /// Counts a company whose range ends on `end`; gives whether the whole market is worth `cost` requests.
    pub(super) fn is_over(&mut self, code: &str, end: NaiveDate, cost: usize) -> bool {
        if self.end > Some(end) {
            // Of another day than everybody's: a company that is gone, or a range of old.
            return cost == 0;
        }
        if self.end < Some(end) {
            self.before = self.codes.len();
            self.codes.clear();
            self.end = Some(end);
        }
        if !self.codes.contains(code) {
            self.codes.insert(code.to_owned());
        }
        self.codes.len().max(self.before) > cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_whole_market_is_asked_for_once_companies_have_cost_as_much() {
        let mut rent = Rent::default();
        let end = day("2026-11-20");
        let decided = ["1", "2", "3", "3", "4", "5"].map(|code| rent.is_over(code, end, 3));
        assert_eq!(decided, [false, false, false, false, true, true]);
        // Days that are there already cost nothing.
        assert!(Rent::default().is_over("1", end, 0));
    }

    #[test]
    fn from_the_second_day_on_it_is_known_beforehand() {
        let mut rent = Rent::default();
        for code in ["1", "2", "3", "4"] {
            rent.is_over(code, day("2026-11-19"), 3);
        }
        assert!(rent.is_over("1", day("2026-11-20"), 3));
        assert!(!rent.is_over("9", day("2026-10-01"), 3), "an old range is asked for by itself");
        assert!(!rent.is_over("1", day("2026-11-24"), 3), "only one was asked for the day before");
    }
}
