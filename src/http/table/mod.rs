//! Tables as answers, for the routes of any domain: JSON or CSV, streamed, with a tag that spares a reader what he has.

pub mod caching;
pub mod column;
pub mod days;
pub mod format;
pub mod reply;
pub mod rows;
mod send;
mod text;

pub use caching::Tag;
pub use column::{Batch, Column, Kind, Table, Values, columns};
pub use days::{day_range, days};
pub use format::Format;
pub use reply::{Names, instant};
pub use rows::Row;
pub use send::send;
