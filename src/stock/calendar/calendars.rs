//! The calendars of all markets, as they are known at one time.

use super::{Calendar, Market};

/// A calendar for each market. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendars {
    tokyo: Calendar,
    new_york: Calendar,
}

impl Calendars {
    /// The tables and the rules alone.
    #[must_use]
    pub const fn embedded() -> Self {
        Self { tokyo: Calendar::embedded(Market::Tokyo), new_york: Calendar::embedded(Market::NewYork) }
    }

    #[must_use]
    pub const fn of(&self, market: Market) -> &Calendar {
        match market {
            Market::Tokyo => &self.tokyo,
            Market::NewYork => &self.new_york,
        }
    }

    /// The same with another calendar of its market.
    #[must_use]
    pub fn with(mut self, calendar: Calendar) -> Self {
        match calendar.market() {
            Market::Tokyo => self.tokyo = calendar,
            Market::NewYork => self.new_york = calendar,
        }
        self
    }

    /// Each of them, in the order of [`Market::ALL`].
    #[must_use]
    pub fn each(&self) -> [&Calendar; Market::ALL.len()] {
        Market::ALL.map(|market| self.of(market))
    }
}
