//! Which bars of a company were changed since an instant.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::QueryResult;

use crate::{
    db::{Connection, DbError, all},
    stock::bar::CompanyId,
};

/// When bars were changed, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
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
) -> Result<Vec<Stamp>, DbError> {
    let sql = "SELECT r.date, r.kind, r.revised_at FROM stockprice_revision r LEFT JOIN run ON run.id = r.run_id \
               WHERE r.company_id = $1 AND r.revised_at >= $2 AND (run.job IS NULL OR run.job <> $3) \
               ORDER BY r.revised_at";
    let rows = all(connection, sql, [company.as_str().into(), since.into(), but_by.into()]).await?;
    let stamp = |row: &QueryResult| {
        let is_rebase = row.try_get::<String>("", "kind")? == "rebase";
        Ok(Stamp { date: row.try_get("", "date")?, is_rebase, at: row.try_get("", "revised_at")? })
    };
    rows.iter().map(stamp).collect()
}
