//! Whether to ask for companies one by one or for the whole market, day by day. Pure.
//!
//! Nobody tells how many companies will be asked for, so it is decided as in renting or buying skis: by company
//! (rent) until as many have been asked for as the days of the whole market would have cost, then by day (buy). That
//! is never more than twice what knowing beforehand would have cost (Karlin, Manasse, Rudolph, Sleator 1988). How many
//! were asked for the newest day before is remembered: from its second day on a daemon knows with the second company.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// A longer range is a history, asked for by company. Ten sessions are read again each day, a few more after an outage.
pub(super) const MOST_SESSIONS: usize = 20;
/// Companies asked for so long after the last one belong to another run, which may be of one company.
const APART: TimeDelta = TimeDelta::minutes(10);

/// The companies asked for whose range ends on one day.
#[derive(Default)]
pub(super) struct Rent {
    end: Option<NaiveDate>,
    codes: HashSet<String>,
    last: Option<DateTime<Utc>>,
    /// The most there were at once for this day, and for the day before.
    most: usize,
    before: usize,
}

impl Rent {
    /// Counts a company whose range ends on `end`; gives whether the whole market is worth `cost` requests.
    pub(super) fn is_over(&mut self, code: &str, end: NaiveDate, cost: usize, now: DateTime<Utc>) -> bool {
        if self.end > Some(end) {
            // Of another day than everybody's: a company that is gone, or a range of old.
            return cost == 0;
        }
        if self.end < Some(end) {
            *self = Self { end: Some(end), before: self.most, ..Self::default() };
        } else if self.last.is_some_and(|last| (now - last).abs() > APART) {
            *self = Self { end: Some(end), most: self.most, ..Self::default() };
        }
        self.last = Some(now);
        if !self.codes.contains(code) {
            self.codes.insert(code.to_owned());
        }
        self.most = self.most.max(self.codes.len());
        let many = self.codes.len() > 1 && self.before > cost;
        cost == 0 || many || self.codes.len() > cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(hour: u32) -> DateTime<Utc> {
        day("2026-11-20").and_hms_opt(hour, 0, 0).unwrap().and_utc()
    }

    #[test]
    fn the_whole_market_is_asked_for_once_companies_have_cost_as_much() {
        let mut rent = Rent::default();
        let end = day("2026-11-20");
        let decided = ["1", "2", "3", "3", "4", "5"].map(|code| rent.is_over(code, end, 3, at(9)));
        assert_eq!(decided, [false, false, false, false, true, true]);
        // Days that are there already cost nothing.
        assert!(Rent::default().is_over("1", end, 0, at(9)));
    }

    #[test]
    fn from_the_second_day_on_it_is_known_with_the_second_company() {
        let mut rent = Rent::default();
        for code in ["1", "2", "3", "4"] {
            rent.is_over(code, day("2026-11-19"), 3, at(9));
        }
        assert!(!rent.is_over("1", day("2026-11-20"), 3, at(9)), "it may be a run of one company");
        assert!(rent.is_over("2", day("2026-11-20"), 3, at(9)));
        assert!(!rent.is_over("9", day("2026-10-01"), 3, at(9)), "an old range is asked for by itself");
        assert!(!rent.is_over("2", day("2026-11-24"), 3, at(9)));
        assert!(!rent.is_over("3", day("2026-11-24"), 3, at(9)), "only two were asked for the day before");
    }

    #[test]
    fn who_comes_much_later_is_no_part_of_the_run_before() {
        let mut rent = Rent::default();
        let end = day("2026-11-20");
        for code in ["1", "2", "3", "4"] {
            rent.is_over(code, end, 3, at(9));
        }
        assert!(!rent.is_over("5", end, 3, at(10)));
        assert!(!rent.is_over("1", day("2026-11-24"), 3, at(10)));
        assert!(rent.is_over("2", day("2026-11-24"), 3, at(10)), "the run is remembered, not who came later");
    }
}
