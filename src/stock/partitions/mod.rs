//! Bars and moving averages in partitions by date, for markets whose tables have become large. PostgreSQL only, and
//! somebody's decision: nothing else of the program knows whether they are.

mod ahead;
mod convert;
#[cfg(feature = "timescaledb")]
mod hypertables;

pub use ahead::{keep_ahead, look_ahead};
pub use convert::{Layout, convert, last_day};
#[cfg(feature = "timescaledb")]
pub use hypertables::make_hypertables;
