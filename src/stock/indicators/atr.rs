//! Wilder's average true range over 14 sessions.

use super::smoothing::Smoothed;
use crate::stock::bar::Bar;

const SPAN: u16 = 14;

#[derive(Clone, Debug)]
pub(super) struct Atr {
    previous: Option<f64>,
    ranges: Smoothed,
}

impl Atr {
    pub(super) fn new() -> Self {
        Self { previous: None, ranges: Smoothed::wilder(SPAN) }
    }

    /// In the price's unit, from the 15th close on. A session whose high or low is not known has no range: it gives no
    /// value, and only its close counts, as the one before the next session.
    pub(super) fn push(&mut self, bar: &Bar, close: f64) -> Option<f64> {
        let before = self.previous.replace(close)?;
        let (high, low) = (bar.high?, bar.low?);
        self.ranges.push((high - low).max((high - before).abs()).max((low - before).abs()))
    }
}
