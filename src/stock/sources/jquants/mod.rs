//! J-Quants V2, the Tokyo exchange's own interface: daily bars by company and by day, the list of issues, and the
//! exchange's calendar. JSON in pages, a key in the header `x-api-key`, and a plan that limits the days given.

mod api;
mod by_code;
mod by_day;
mod calendar;
mod code;
mod coverage;
mod master;
mod page;
mod parse;
mod record;
mod refused;
mod rent;
mod source;

#[cfg(test)]
mod tests;

pub use api::{Api, QUOTA_WAIT};
pub use calendar::{CalendarQuery, JquantsCalendar};
pub use master::JquantsMaster;
pub use parse::parse;
pub use source::Jquants;
