//! What became of the rows that are not loaded, and the verdict over the whole answer.

use super::SchemaChanged;
use super::prices::without_carried_prices;
use crate::stock::bar::{Days, Rejection, Row};

/// One row in so many may be rejected before the whole answer is.
pub(super) const BEARABLE: usize = 5;

/// Said of a row without trades on a day without a session: Yahoo has one for many a Japanese holiday.
pub(super) const FILLER: &str = "nothing was traded on a holiday: the source's own filler";

pub(super) struct Tally {
    pub(super) provisional: usize,
    pub(super) unasked: usize,
    phantoms: usize,
    rows: usize,
    rejected: Vec<Rejection>,
}

impl Tally {
    /// Starts with the number of rows that were read and those that could not be.
    pub(super) fn new(read: usize, unreadable: Vec<Rejection>) -> Self {
        Self { provisional: 0, unasked: 0, phantoms: 0, rows: read + unreadable.len(), rejected: unreadable }
    }

    pub(super) fn reject(&mut self, row: Row, reason: String) {
        self.reject_as(row, reason, None);
    }

    /// Rejects a row that is a known artefact and says nothing about the rest of the answer. With one price throughout,
    /// or none, there is nothing in it to decide about either.
    pub(super) fn reject_phantom(&mut self, row: Row, reason: String) {
        self.phantoms += 1;
        let is_filler = without_carried_prices(row.bar).close.is_none();
        self.reject_as(row, reason, is_filler.then_some(FILLER));
    }

    fn reject_as(&mut self, row: Row, reason: String, decided: Option<&'static str>) {
        let (date, bar) = (Some(row.bar.date), Some(Box::new(row.bar)));
        self.rejected.push(Rejection { date, bar, raw: row.raw, reason, decided });
    }

    /// The refusal of the whole answer for a reason that no single row has: one more rejection stands for all of it.
    pub(super) fn refusal(mut self, days: Days, reason: String) -> SchemaChanged {
        let raw = format!("{} to {}", days.from, days.to);
        self.rejected.push(Rejection { date: None, bar: None, raw, reason: reason.clone(), decided: None });
        SchemaChanged { reason, rejected: self.rejected }
    }

    /// The rejections by date, or the refusal of the whole answer.
    pub(super) fn verdict(mut self, source: &str) -> Result<Vec<Rejection>, SchemaChanged> {
        let judged = self.rows - self.phantoms - self.provisional - self.unasked;
        let wrong = self.rejected.len() - self.phantoms;
        let first = self.rejected.first().map_or_else(String::new, |rejection| rejection.reason.clone());
        self.rejected.sort_by_key(|rejection| rejection.date);
        if wrong * BEARABLE > judged {
            let reason =
                format!("{wrong} of {judged} rows of {source} are wrong, more than a fifth; the first: {first}");
            return Err(SchemaChanged { reason, rejected: self.rejected });
        }
        Ok(self.rejected)
    }
}
