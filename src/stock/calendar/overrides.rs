//! What an exchange says of its days that the table in the binary does not know.

use std::collections::BTreeMap;

use chrono::NaiveDate;

/// One day of a market's calendar, as its exchange announces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketDay {
    pub date: NaiveDate,
    pub is_open: bool,
}

/// The days on which an exchange says otherwise than the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Overrides {
    /// Whether they are sessions.
    pub(super) days: BTreeMap<NaiveDate, bool>,
    /// The last day the exchange has spoken of.
    pub(super) known_until: Option<NaiveDate>,
}
