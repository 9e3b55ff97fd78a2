//! Moving averages and other indicators of a series, each for a whole series or pushed one session after the other.
//!
//! Pure. They run over the sessions that have a close; sessions without trades are left out. `docs/indicators.md` has
//! the definitions.

mod atr;
mod average;
mod bollinger;
mod compute;
mod indicator;
mod ma_type;
mod macd;
mod operator;
#[cfg(test)]
mod reference_tests;
mod returns;
mod rsi;
mod smoothing;
mod window;

pub use average::Average;
pub use compute::{HistoryNeeded, compute, rows_needed};
pub use indicator::{Indicator, IndicatorError};
pub use ma_type::{Kind, MaType, MaTypeError, SPANS, spec};
pub use operator::{MOST_OUTPUTS, Operator, Outputs};
