//! Moving averages of closes: SMA, EMA and WMA over configurable spans, whole or from any session on.
//!
//! Pure. They run over the sessions that have a close; sessions without trades are left out by the caller.

mod compute;
mod ma_type;

pub use compute::{HistoryNeeded, compute, rows_needed};
pub use ma_type::{Kind, MaType, MaTypeError, SPANS, spec};
