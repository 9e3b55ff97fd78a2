//! Pages put together to one history. Pure.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::page::Page;
use crate::stock::sources::batch::Read;

pub(super) struct History {
    /// The day to reach.
    from: NaiveDate,
    seen: HashSet<String>,
    read: Read,
    oldest: Option<NaiveDate>,
    ended: bool,
}

impl History {
    pub(super) fn back_to(from: NaiveDate) -> Self {
        Self { from, seen: HashSet::new(), read: Read::default(), oldest: None, ended: false }
    }

    /// Adds what is new on the page. Every page repeats the newest row, and a session that ends while the
    /// pages are turned moves one row to the next page; equal repetitions are one row, different ones stay
    /// for the checks to reject.
    pub(super) fn add(&mut self, page: Page) {
        let before = self.read.rows.len();
        self.read.rows.extend(page.rows.into_iter().filter(|row| self.seen.insert(row.raw.clone())));
        self.read.unreadable.extend(page.unreadable.into_iter().filter(|row| self.seen.insert(row.raw.clone())));
        let added = &self.read.rows[before..];
        self.oldest = added.iter().map(|row| row.bar.date).chain(self.oldest).min();
        self.ended = added.is_empty() || page.is_last;
    }

    /// Whether no further page is needed, or there is none.
    pub(super) fn is_complete(&self) -> bool {
        self.ended || self.reached()
    }

    fn reached(&self) -> bool {
        self.oldest.is_some_and(|oldest| oldest <= self.from)
    }

    /// Vouches for no day before the oldest row, unless the day asked for was reached.
    pub(super) fn finish(self) -> Read {
        let oldest = if self.reached() { None } else { self.oldest };
        Read { oldest, ..self.read }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::bar::{Bar, Row};
    use crate::stock::sources::testing::day;

    fn page(dates: &[&str]) -> Page {
        let row = |date: &&str| {
            let bar = Bar { date: day(date), open: None, high: None, low: None, close: None, volume: None };
            Row { bar, raw: (*date).to_owned() }
        };
        Page { rows: dates.iter().map(row).collect(), unreadable: Vec::new(), is_last: false }
    }

    #[test]
    fn the_repeated_newest_row_is_one_row_and_turning_stops_at_the_day_asked_for() {
        let mut history = History::back_to(day("2024-01-06"));
        history.add(page(&["2024-01-12", "2024-01-11"]));
        assert!(!history.is_complete());
        history.add(page(&["2024-01-12", "2024-01-10", "2024-01-05"]));
        assert!(history.is_complete());
        let read = history.finish();
        assert_eq!((read.rows.len(), read.oldest), (4, None));
    }

    #[test]
    fn a_page_without_new_rows_ends_the_history_and_what_lies_before_is_not_vouched_for() {
        let mut history = History::back_to(day("2020-01-01"));
        history.add(page(&["2024-01-12", "2024-01-11"]));
        history.add(page(&["2024-01-12"]));
        assert!(history.is_complete());
        assert_eq!(history.finish().oldest, Some(day("2024-01-11")));
    }

    #[test]
    fn a_repetition_with_other_values_stays() {
        let mut history = History::back_to(day("2024-01-11"));
        let mut other = page(&["2024-01-12"]);
        other.rows[0].raw.push('x');
        history.add(page(&["2024-01-12"]));
        history.add(other);
        assert_eq!(history.finish().rows.len(), 2);
    }
}
