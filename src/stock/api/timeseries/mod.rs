//! Series for charts and analyses: time series, candlesticks, correlograms.

mod asked;
mod candlestick;
mod correlogram;
mod documents;
pub(super) mod parameters;
mod price;
mod series;
mod transformed;

use std::sync::Arc;

use axum::{Router, routing::get};

pub(super) use documents::Whose;

use super::StockApi;

pub(super) fn routes() -> Router<Arc<StockApi>> {
    Router::new()
        .route("/stockprices/timeseries", get(series::time_series))
        .route("/stockprices/timeseries/candlestick", get(candlestick::candlestick))
        .route("/stockprices/timeseries/correlogram", get(correlogram::correlogram))
}
