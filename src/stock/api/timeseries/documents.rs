//! The shapes of the answers, as clients read them and as the description of the API has them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::head::Whose;
use crate::stock::analysis;

/// The series of each company, in the order they were asked for.
#[expect(dead_code, reason = "it is written piece by piece; this tells its shape")]
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct TimeSeriesDocument {
    timestamp: DateTime<Utc>,
    stock_prices: Vec<TimeSeriesOfCompany>,
}

#[expect(dead_code, reason = "it is written piece by piece; this tells its shape")]
#[derive(ToSchema)]
pub(super) struct TimeSeriesOfCompany {
    #[serde(flatten)]
    whose: Whose,
    /// Ascending; only the sessions that have a value.
    data: Vec<DatedValue>,
}

#[expect(dead_code, reason = "it is written piece by piece; this tells its shape")]
#[derive(ToSchema)]
pub(super) struct DatedValue {
    date: NaiveDate,
    #[schema(example = 7.9)]
    value: f64,
}

#[expect(dead_code, reason = "it is written piece by piece; this tells its shape")]
#[derive(ToSchema)]
pub(super) struct CandlestickDocument {
    timestamp: DateTime<Utc>,
    #[serde(flatten)]
    whose: Whose,
    /// Ascending.
    data: Vec<Candle>,
}

/// A session; null where there was no trade.
#[expect(dead_code, reason = "it is written piece by piece; this tells its shape")]
#[derive(ToSchema)]
pub(super) struct Candle {
    date: NaiveDate,
    open: Option<f64>,
    high: Option<f64>,
    low: Option<f64>,
    close: Option<f64>,
}

/// How a series correlates with itself at the lags 0, 1, 2 and so on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CorrelogramDocument {
    #[schema(value_type = DateTime<Utc>)]
    pub timestamp: String,
    #[serde(flatten)]
    pub whose: Whose,
    /// How many values the correlations are of.
    pub count: usize,
    /// The autocorrelation, with Bartlett's bounds.
    pub acf: Vec<Correlation>,
    /// The partial autocorrelation by Yule and Walker, with the bounds of a series without memory.
    pub pacf: Vec<Correlation>,
}

/// A correlation, and the 95 % bounds around it; null where the series does not vary.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub(super) struct Correlation {
    #[schema(example = 1)]
    pub lag: usize,
    #[schema(example = 0.98)]
    pub corr: Option<f64>,
    #[schema(example = 0.92)]
    pub conf0025: Option<f64>,
    #[schema(example = 1.04)]
    pub conf0975: Option<f64>,
}

impl From<analysis::Correlation> for Correlation {
    fn from(of: analysis::Correlation) -> Self {
        Self { lag: of.lag, corr: of.corr, conf0025: of.low, conf0975: of.high }
    }
}

#[cfg(test)]
mod tests {
    use utoipa::OpenApi;

    #[derive(OpenApi)]
    #[openapi(paths(
        crate::stock::api::timeseries::series::time_series,
        crate::stock::api::timeseries::candlestick::candlestick,
        crate::stock::api::timeseries::correlogram::correlogram,
        crate::stock::api::indicators::indicators
    ))]
    struct Described;

    #[test]
    fn every_parameter_is_described_with_what_is_accepted() {
        let document = serde_json::to_value(Described::openapi()).unwrap();
        let mut seen = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            for parameter in item["get"]["parameters"].as_array().unwrap() {
                seen += 1;
                let schema = &parameter["schema"];
                let exact = ["enum", "pattern", "minimum", "format"].iter().any(|word| !schema[*word].is_null());
                let described = parameter["description"].as_str().is_some_and(|text| !text.is_empty());
                assert!(described && exact, "{path}: {parameter}");
                assert_eq!(parameter["required"], parameter["in"] == "path", "{path}: {parameter}");
            }
        }
        assert_eq!(seen, 10 + 5 + 10 + 5);
    }
}
