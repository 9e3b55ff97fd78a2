//! A bar as J-Quants writes it.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};

use super::page::Unreadable;
use crate::stock::bar::{Bar, Rejection, Row, Split};

/// One session of one issue, adjusted for splits. The fields as traded (`O`, `C`, `Vo` and so on) are not read.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct BarRecord {
    #[serde(rename = "Date")]
    pub(super) date: NaiveDate,
    /// Five characters.
    #[serde(rename = "Code")]
    pub(super) code: String,
    /// Old shares for each new one when a split takes effect on this day, else 1.
    #[serde(rename = "AdjFactor", deserialize_with = "present")]
    factor: Option<f64>,
    #[serde(rename = "AdjO", deserialize_with = "present")]
    open: Option<f64>,
    #[serde(rename = "AdjH", deserialize_with = "present")]
    high: Option<f64>,
    #[serde(rename = "AdjL", deserialize_with = "present")]
    low: Option<f64>,
    #[serde(rename = "AdjC", deserialize_with = "present")]
    close: Option<f64>,
    #[serde(rename = "AdjVo", deserialize_with = "present")]
    volume: Option<f64>,
}

/// Null is a value, a missing field is none: else a field that is renamed would read as sessions without trades.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Option::deserialize(deserializer)
}

impl BarRecord {
    /// The bar with its text: date, the five adjusted values, and the factor where it is not 1.
    pub(super) fn row(&self) -> Row {
        let Self { date, open, high, low, close, volume, .. } = *self;
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let mut raw = format!("{date}");
        for value in [open, high, low, close, volume] {
            raw.push(',');
            raw.push_str(&number(value));
        }
        if let Some(factor) = self.factor.filter(|factor| *factor != 1.0) {
            raw.push_str(&format!(",AdjFactor {factor}"));
        }
        Row { bar: Bar { date, open, high, low, close, volume }, raw }
    }

    /// The split that takes effect on this day, if one does.
    pub(super) fn split(&self) -> Option<Result<Split, Rejection>> {
        let factor = self.factor.filter(|factor| *factor != 1.0)?;
        let ratio = as_ratio(1.0 / factor);
        Some(if ratio.is_finite() && ratio > 0.0 {
            Ok(Split { date: self.date, ratio })
        } else {
            let reason = format!("{factor} is no factor of a split");
            Err(Rejection { date: Some(self.date), bar: None, raw: self.row().raw, reason, decided: None })
        })
    }
}

/// A factor is given with few digits: 0.333333 stands for one share in three.
fn as_ratio(ratio: f64) -> f64 {
    let whole = ratio.round();
    if whole >= 1.0 && (ratio - whole).abs() < 1e-3 { whole } else { ratio }
}

impl From<Unreadable> for Rejection {
    fn from(record: Unreadable) -> Self {
        Self { date: record.date, bar: None, raw: record.raw, reason: record.reason, decided: None }
    }
}
