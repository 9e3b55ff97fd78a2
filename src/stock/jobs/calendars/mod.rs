//! The trading days as jobs see them: read once for each run, and brought up to date with what the exchange announces.

mod answer;
mod ask;
mod of_runs;

pub use ask::ExchangeCalendar;
pub use of_runs::CalendarsOfRuns;
