//! What is known about each company's series. Its row is the lock of the company's writers.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::QueryResult;

use crate::{
    db::{Connection, DbError, Dialect, all, execute, one},
    stock::bar::{Basis, CompanyId, Days},
};

/// The state of a company's series; empty before its first load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    pub basis: Option<Basis>,
    /// The source of the newest bars.
    pub source: Option<String>,
    /// The days a source has answered for, without a gap.
    pub covered: Option<Days>,
    /// The newest session stored.
    pub newest_date: Option<NaiveDate>,
    /// Grows with every change of the company's bars.
    pub version: i64,
    /// The moving averages the stored values were computed for.
    pub indicator_spec: String,
}

impl Series {
    /// Whether there are bars of which nobody knows what they are adjusted for: they were taken over from elsewhere, and
    /// no source's history has settled it yet.
    #[must_use]
    pub fn is_unsettled(&self) -> bool {
        self.basis.is_none() && self.newest_date.is_some()
    }
}

const COLUMNS: &str = "basis, source, covered_from, covered_to, newest_date, version, indicator_spec";

/// The series of a company; an empty one when nothing was ever loaded.
///
/// # Errors
/// What the database says.
pub async fn find(connection: &impl Connection, company: &CompanyId) -> Result<Series, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM stockprice_series WHERE company_id = $1");
    let row = one(connection, &sql, [company.as_str().into()]).await?;
    row.as_ref().map_or_else(|| Ok(Series::default()), series)
}

/// Every series by company id.
///
/// # Errors
/// What the database says.
pub async fn list(connection: &impl Connection) -> Result<Vec<(String, Series)>, DbError> {
    let sql = format!("SELECT company_id, {COLUMNS} FROM stockprice_series ORDER BY company_id");
    let rows = all(connection, &sql, []).await?;
    rows.iter().map(|row| Ok((row.try_get("", "company_id")?, series(row)?))).collect()
}

/// The series of these companies, by company id; those never loaded are left out.
///
/// # Errors
/// What the database says.
pub async fn of(connection: &impl Connection, companies: &[&CompanyId]) -> Result<HashMap<String, Series>, DbError> {
    let ids: Vec<&str> = companies.iter().map(|id| id.as_str()).collect();
    let known = Dialect::of(connection).texts("$1");
    let sql = format!("SELECT company_id, {COLUMNS} FROM stockprice_series WHERE company_id IN {known}");
    let rows = all(connection, &sql, [serde_json::json!(ids).to_string().into()]).await?;
    rows.iter().map(|row| Ok((row.try_get("", "company_id")?, series(row)?))).collect()
}

/// Reads the series and holds off the company's other writers until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn lock(connection: &impl Connection, company: &CompanyId) -> Result<Series, DbError> {
    let dialect = Dialect::of(connection);
    let now = dialect.now();
    let sql = format!(
        "INSERT INTO stockprice_series (company_id, updated_at) VALUES ($1, {now}) ON CONFLICT (company_id) DO NOTHING"
    );
    execute(connection, &sql, [company.as_str().into()]).await?;
    let sql = format!("SELECT {COLUMNS} FROM stockprice_series WHERE company_id = $1 {}", dialect.for_update());
    let row = one(connection, &sql, [company.as_str().into()]).await?;
    row.as_ref().map_or_else(|| Ok(Series::default()), series)
}

/// Writes the series down.
///
/// # Errors
/// What the database says.
pub async fn save(connection: &impl Connection, company: &CompanyId, series: &Series) -> Result<(), DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE stockprice_series SET basis = $2, source = $3, covered_from = $4, covered_to = $5, newest_date = $6, \
         version = $7, indicator_spec = $8, updated_at = {now} WHERE company_id = $1"
    );
    let values = [
        company.as_str().into(),
        series.basis.map(|basis| basis.as_str().to_owned()).into(),
        series.source.clone().into(),
        series.covered.map(|days| days.from).into(),
        series.covered.map(|days| days.to).into(),
        series.newest_date.into(),
        series.version.into(),
        series.indicator_spec.as_str().into(),
    ];
    execute(connection, &sql, values).await.map(drop)
}

fn series(row: &QueryResult) -> Result<Series, DbError> {
    let basis: Option<String> = row.try_get("", "basis")?;
    let (from, to): (Option<NaiveDate>, Option<NaiveDate>) =
        (row.try_get("", "covered_from")?, row.try_get("", "covered_to")?);
    Ok(Series {
        basis: match basis {
            None => None,
            Some(name) => Some(Basis::from_name(&name).ok_or(DbError::Type(name))?),
        },
        source: row.try_get("", "source")?,
        covered: from.zip(to).map(|(from, to)| Days { from, to }),
        newest_date: row.try_get("", "newest_date")?,
        version: row.try_get("", "version")?,
        indicator_spec: row.try_get("", "indicator_spec")?,
    })
}
