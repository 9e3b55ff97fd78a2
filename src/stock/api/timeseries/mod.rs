//! Series for charts and analyses: time series, candlesticks, correlograms.

mod asked;
mod candlestick;
mod correlogram;
mod documents;
pub(super) mod parameters;
mod price;
mod series;
mod transformed;

pub(super) use candlestick::{__path_candlestick, candlestick};
pub(super) use correlogram::{__path_correlogram, correlogram};
pub(super) use documents::Whose;
pub(super) use series::{__path_time_series, time_series};
