//! Series for charts and analyses: time series, candlesticks, correlograms.

mod candlestick;
mod correlogram;
mod documents;
mod named;
pub(super) mod parameters;
mod series;
mod transformed;

pub(super) use candlestick::{__path_candlestick, candlestick};
pub(super) use correlogram::{__path_correlogram, correlogram};
pub(super) use series::{__path_time_series, time_series};
