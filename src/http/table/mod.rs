//! Tables as answers, for the routes of any domain: JSON, CSV or JSON lines, series also as Parquet and Arrow; streamed,
//! with a tag that spares a reader what he has.

pub mod caching;
pub mod column;
#[cfg(feature = "arrow")]
mod columnar;
#[cfg(not(feature = "arrow"))]
#[path = "no_columnar.rs"]
mod columnar;
pub mod days;
pub mod format;
mod parts;
pub mod reply;
pub mod rows;
mod send;
mod text;

pub use caching::Tag;
pub use column::{Batch, Column, Kind, Table, Values, columns};
pub use columnar::Files;
pub use days::{day_range, days};
pub use format::Format;
pub use parts::{Part, Parts, send_parts};
pub use reply::{Names, instant};
pub use rows::Row;
pub use send::send;
