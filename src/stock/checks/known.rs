//! What is stored is a fact: a row that says the same is not judged anew. So a row that somebody accepted is not
//! rejected again with the next answer, and what follows from it is judged by it.

use super::prices::without_carried_prices;
use crate::stock::bar::Bar;

/// Two prices this close, as a part of them, are one: sources shorten their floating-point numbers differently.
const SAME: f64 = 1e-6;

/// The stored bars on the days of an answer, ascending.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a>(pub(super) &'a [Bar]);

impl Known<'_> {
    /// Whether the bar is stored with these prices.
    pub(super) fn has_prices(self, bar: &Bar) -> bool {
        self.find(bar).is_some()
    }

    /// Whether the bar is stored with these prices and this volume.
    pub(super) fn has(self, bar: &Bar) -> bool {
        self.find(bar).is_some_and(|stored| is_same(stored.volume, without_carried_prices(*bar).volume))
    }

    fn find(self, bar: &Bar) -> Option<Bar> {
        let bar = without_carried_prices(*bar);
        let at = self.0.binary_search_by_key(&bar.date, |stored| stored.date).ok()?;
        let stored = self.0.get(at)?;
        let pairs =
            [(stored.open, bar.open), (stored.high, bar.high), (stored.low, bar.low), (stored.close, bar.close)];
        pairs.into_iter().all(|(stored, given)| is_same(stored, given)).then_some(*stored)
    }
}

fn is_same(stored: Option<f64>, given: Option<f64>) -> bool {
    match (stored, given) {
        (Some(stored), Some(given)) => (stored - given).abs() <= SAME * stored.abs(),
        (None, None) => true,
        _ => false,
    }
}
