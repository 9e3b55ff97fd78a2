//! A row of the quarantine as clients read it.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::stock::{
    api::{rows::Row, wire::instant},
    bar::{Bar, Basis},
    store::quarantine::{Quarantined, State},
};

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = QuarantinedRow)]
pub(in crate::stock::api) struct QuarantineRow {
    id: String,
    #[schema(value_type = State)]
    state: &'static str,
    company_id: String,
    stock_code: Option<String>,
    company_name: Option<String>,
    source: String,
    date: Option<NaiveDate>,
    reason: String,
    /// The row as the source gave it.
    raw: String,
    /// Whether the whole row could be read: others cannot be accepted.
    readable: bool,
    open: Option<f64>,
    high: Option<f64>,
    low: Option<f64>,
    close: Option<f64>,
    volume: Option<f64>,
    /// What the values are adjusted for.
    #[schema(value_type = Option<Basis>)]
    basis: Option<&'static str>,
    run_id: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    decided_at: Option<String>,
    decided_by: Option<String>,
    note: String,
}

impl Row for QuarantineRow {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "state",
        "companyId",
        "stockCode",
        "companyName",
        "source",
        "date",
        "reason",
        "raw",
        "readable",
        "open",
        "high",
        "low",
        "close",
        "volume",
        "basis",
        "runId",
        "createdAt",
        "decidedAt",
        "decidedBy",
        "note",
    ];
}

impl From<Quarantined> for QuarantineRow {
    fn from(row: Quarantined) -> Self {
        let value = |value: fn(&Bar) -> Option<f64>| row.bar.as_ref().and_then(|(bar, _)| value(bar));
        Self {
            readable: row.bar.is_some(),
            open: value(|bar| bar.open),
            high: value(|bar| bar.high),
            low: value(|bar| bar.low),
            close: value(|bar| bar.close),
            volume: value(|bar| bar.volume),
            basis: row.bar.map(|(_, basis)| Basis::as_str(basis)),
            id: row.id,
            state: row.state.as_str(),
            company_id: row.company_id.to_string(),
            stock_code: row.stock_code,
            company_name: row.company_name,
            source: row.source,
            date: row.date,
            reason: row.reason,
            raw: row.raw,
            run_id: row.run_id,
            created_at: instant(row.created_at),
            decided_at: row.decided_at.map(instant),
            decided_by: row.decided_by,
            note: row.note,
        }
    }
}
