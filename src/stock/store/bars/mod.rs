//! Bars: read, compared, and written where they differ.

mod difference;
mod read;
mod set_aside;
mod write;

pub use difference::{Difference, difference};
pub(super) use read::{VALUES, bar};
pub use read::{dates, days_from, last_close_before, read};
pub use set_aside::set_aside;
pub use write::{Written, store};
