//! What is asked of a source.

use chrono::NaiveDate;

use crate::stock::bar::{Days, StockCode};
use crate::stock::calendar::Market;

/// The bars of one company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarQuery {
    pub code: StockCode,
    pub market: Market,
    pub days: Days,
    /// The newest session that is over: a later row is provisional.
    pub newest_final: NaiveDate,
}

impl BarQuery {
    /// The days asked for whose bars can be final, or `None` when there are none and nobody need be asked.
    #[must_use]
    pub fn final_days(&self) -> Option<Days> {
        let to = self.days.to.min(self.newest_final);
        (self.days.from <= to).then_some(Days { from: self.days.from, to })
    }
}

/// The issues listed on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// The newest list there is when none.
    pub day: Option<NaiveDate>,
}
