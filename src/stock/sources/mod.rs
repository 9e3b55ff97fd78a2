//! Where bars come from. Each source asks through the polite client and reads its answer with a pure
//! parser; none judges a row beyond its form, that is `checks`' part.
//!
//! A new source: a folder here, a variant of [`SourceName`], a fixture, tests.

mod batch;
mod body;
pub mod files;
pub mod jquants;
pub mod kabutan;
mod list_query;
mod name;
mod query;
pub mod stooq;
pub mod yahoo;

#[cfg(test)]
mod testing;

use crate::crawl::source::Source;
use crate::stock::bar::RawBatch;
use crate::stock::calendar::MarketDay;
use crate::stock::listing::IssueList;

pub use jquants::{CalendarQuery, Jquants, JquantsCalendar, JquantsMaster};
pub use kabutan::Kabutan;
pub use list_query::ListQuery;
pub use name::SourceName;
pub use query::BarQuery;
pub use stooq::Stooq;
pub use yahoo::Yahoo;

/// A source of daily bars.
pub type BarSource = dyn Source<BarQuery, RawBatch>;

/// A source of lists of issues.
pub type ListSource = dyn Source<ListQuery, IssueList>;

/// A source of a market's calendar.
pub type CalendarSource = dyn Source<CalendarQuery, Vec<MarketDay>>;
