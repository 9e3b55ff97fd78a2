//! Stored bars that a source later gave with other values.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use crate::{
    db::{Connection, DbError, Dialect, all, execute},
    jobs::RunId,
    stock::{
        bar::{Bar, CompanyId},
        overlap::Correction,
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
        add(connection, company, source, run, (correction.date, "correction", old, new)).await?;
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
    add(connection, company, source, run, (newest, "rebase", old, new)).await
}

/// A change of stored bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    pub date: NaiveDate,
    /// Of the whole history, not of one bar.
    pub is_rebase: bool,
    pub at: DateTime<Utc>,
}

/// The changes of a company's bars since an instant, but for those made by runs of one job.
///
/// # Errors
/// What the database says.
pub async fn since(
    connection: &impl Connection,
    company: &CompanyId,
    since: DateTime<Utc>,
    but_by: &str,
) -> Result<Vec<Revision>, DbError> {
    let sql = "SELECT r.date, r.kind, r.revised_at FROM stockprice_revision r LEFT JOIN run ON run.id = r.run_id \
               WHERE r.company_id = $1 AND r.revised_at >= $2 AND (run.job IS NULL OR run.job <> $3) \
               ORDER BY r.revised_at";
    let rows = all(connection, sql, [company.as_str().into(), since.into(), but_by.into()]).await?;
    let revision = |row: &sea_orm::QueryResult| {
        let is_rebase = row.try_get::<String>("", "kind")? == "rebase";
        Ok(Revision { date: row.try_get("", "date")?, is_rebase, at: row.try_get("", "revised_at")? })
    };
    rows.iter().map(revision).collect()
}

async fn add(
    connection: &impl Connection,
    company: &CompanyId,
    source: &str,
    run: &RunId,
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
        run.as_str().into(),
    ];
    execute(connection, &sql, values).await.map(drop)
}

fn values(bar: &Bar) -> serde_json::Value {
    json!({ "open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close, "volume": bar.volume })
}
