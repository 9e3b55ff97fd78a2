//! Writing down that stored bars were changed.

use chrono::NaiveDate;
use serde_json::json;

use crate::{
    db::{Connection, DbError, Dialect, execute},
    jobs::RunId,
    stock::{
        bar::{Bar, CompanyId},
        overlap::{Correction, Settled},
    },
};

/// Records single corrected bars.
///
/// # Errors
/// What the database says.
pub async fn add_corrections(
    connection: &impl Connection,
    company: &CompanyId,
    source: &str,
    run: &RunId,
    corrections: &[Correction],
) -> Result<(), DbError> {
    for correction in corrections {
        let (old, new) = (values(&correction.old), values(&correction.new));
        add(connection, company, source, run.as_str(), (correction.date, "correction", old, new)).await?;
    }
    Ok(())
}

/// Records that the whole history was replaced: prices became `ratio` times what they were.
///
/// # Errors
/// What the database says.
pub async fn add_rebase(
    connection: &impl Connection,
    company: &CompanyId,
    source: &str,
    run: &RunId,
    newest: NaiveDate,
    ratio: f64,
) -> Result<(), DbError> {
    let (old, new) = (json!({ "ratio": 1.0 }), json!({ "ratio": ratio }));
    add(connection, company, source, run.as_str(), (newest, "rebase", old, new)).await
}

/// Records that a source's history settled a series that was taken over: one row for all its bars.
///
/// # Errors
/// What the database says.
pub async fn add_settled(
    connection: &impl Connection,
    company: &CompanyId,
    source: &str,
    run: &RunId,
    newest: NaiveDate,
    settled: &Settled,
) -> Result<(), DbError> {
    let new = json!({ "ratio": settled.ratio, "replaced": settled.replaced.len(), "left": settled.left.len(), "settled": true });
    add(connection, company, source, run.as_str(), (newest, "rebase", json!({ "ratio": 1.0 }), new)).await
}

/// Records that somebody accepted a row that a source gave in a run; `old` is what was stored of its session.
///
/// # Errors
/// What the database says.
pub async fn add_accepted(
    connection: &impl Connection,
    company: &CompanyId,
    (source, run): (&str, &str),
    old: Option<&Bar>,
    new: &Bar,
) -> Result<(), DbError> {
    let change = (new.date, "accepted", old.map_or(serde_json::Value::Null, values), values(new));
    add(connection, company, source, run, change).await
}

async fn add(
    connection: &impl Connection,
    company: &CompanyId,
    source: &str,
    run: &str,
    (date, kind, old, new): (NaiveDate, &str, serde_json::Value, serde_json::Value),
) -> Result<(), DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "INSERT INTO stockprice_revision (id, company_id, date, old, new, kind, source, run_id, revised_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {now})"
    );
    let values = [
        uuid::Uuid::now_v7().to_string().into(),
        company.as_str().into(),
        date.into(),
        old.to_string().into(),
        new.to_string().into(),
        kind.into(),
        source.into(),
        run.into(),
    ];
    execute(connection, &sql, values).await.map(drop)
}

fn values(bar: &Bar) -> serde_json::Value {
    json!({ "open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close, "volume": bar.volume })
}
