//! What the tables and rules in the binary say, without regard to what an exchange announced since.

use chrono::NaiveDate;

use super::{Market, new_york, tokyo};

/// Exact for Tokyo from 1983 and for New York from 1990, as compared with real series; earlier days follow the rules
/// as far as they are known.
pub(super) fn is_session(market: Market, date: NaiveDate) -> bool {
    match market {
        Market::Tokyo => tokyo::is_session(date),
        Market::NewYork => new_york::is_session(date),
    }
}

pub(super) fn could_be_session(market: Market, date: NaiveDate) -> bool {
    match market {
        Market::Tokyo => tokyo::could_be_session(date),
        Market::NewYork => new_york::could_be_session(date),
    }
}

pub(super) fn known_until(market: Market) -> Option<NaiveDate> {
    match market {
        Market::Tokyo => tokyo::known_until(),
        Market::NewYork => None,
    }
}
