//! Which days are sessions of a market, and when a session's bar is final.
//!
//! Pure: `now` is a parameter. It does not know half days, single companies' halts, or what a source publishes.

mod calendars;
mod embedded;
mod finality;
mod market;
mod new_york;
mod overrides;
#[cfg(test)]
pub(crate) mod real_data;
mod sessions;
mod tokyo;

pub use calendars::Calendars;
pub use finality::{Delays, final_at};
pub use market::Market;
pub use overrides::MarketDay;
pub use sessions::Calendar;
