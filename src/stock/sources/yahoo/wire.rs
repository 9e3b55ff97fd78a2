//! The answer's shape, as far as it is read.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Envelope {
    /// Faults of the gateway before the chart come as `finance`.
    #[serde(alias = "finance")]
    pub(super) chart: Chart,
}

#[derive(Deserialize)]
pub(super) struct Chart {
    pub(super) result: Option<Vec<Series>>,
    pub(super) error: Option<Fault>,
}

#[derive(Deserialize)]
pub(super) struct Fault {
    #[serde(default)]
    pub(super) code: String,
    #[serde(default)]
    pub(super) description: String,
}

#[derive(Deserialize)]
pub(super) struct Series {
    pub(super) meta: Meta,
    pub(super) timestamp: Option<Vec<i64>>,
    pub(super) events: Option<Events>,
    pub(super) indicators: Indicators,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    pub(super) symbol: Option<String>,
    pub(super) exchange_timezone_name: Option<String>,
    /// Seconds east of Greenwich, today.
    pub(super) gmtoffset: Option<i32>,
    pub(super) data_granularity: Option<String>,
}

#[derive(Default, Deserialize)]
pub(super) struct Events {
    /// By the stamp as text.
    pub(super) splits: Option<BTreeMap<String, SplitEvent>>,
}

#[derive(Deserialize)]
pub(super) struct SplitEvent {
    pub(super) date: i64,
    pub(super) numerator: f64,
    pub(super) denominator: f64,
}

#[derive(Deserialize)]
pub(super) struct Indicators {
    #[serde(default)]
    pub(super) quote: Vec<Quote>,
}

#[derive(Default, Deserialize)]
pub(super) struct Quote {
    pub(super) open: Option<Column>,
    pub(super) high: Option<Column>,
    pub(super) low: Option<Column>,
    pub(super) close: Option<Column>,
    pub(super) volume: Option<Column>,
}

pub(super) type Column = Vec<Option<f64>>;
