//! Which list of issues was last applied to the companies of a country.

use chrono::NaiveDate;

use crate::{
    db::{Connection, DbError, Dialect, execute, one},
    stock::listing::IssueList,
};

/// The list that was applied last, by the day it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestList {
    pub source: String,
    pub as_of: NaiveDate,
}

/// Reads which list was applied last, and holds off whoever else applies one until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn lock(connection: &impl Connection, country: &str) -> Result<Option<NewestList>, DbError> {
    let dialect = Dialect::of(connection);
    let now = dialect.now();
    let sql = format!(
        "INSERT INTO company_list (country_code, applied_at) VALUES ($1, {now}) ON CONFLICT (country_code) DO NOTHING"
    );
    execute(connection, &sql, [country.into()]).await?;
    let sql = format!("SELECT source, as_of FROM company_list WHERE country_code = $1 {}", dialect.for_update());
    let Some(row) = one(connection, &sql, [country.into()]).await? else { return Ok(None) };
    let (source, as_of): (Option<String>, Option<NaiveDate>) = (row.try_get("", "source")?, row.try_get("", "as_of")?);
    Ok(source.zip(as_of).map(|(source, as_of)| NewestList { source, as_of }))
}

/// Writes down that a list was applied.
///
/// # Errors
/// What the database says.
pub async fn save(connection: &impl Connection, country: &str, list: &IssueList) -> Result<(), DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE company_list SET source = $2, as_of = $3, issues = $4, applied_at = {now} WHERE country_code = $1"
    );
    let issues = i64::try_from(list.issues.len()).unwrap_or(i64::MAX);
    execute(connection, &sql, [country.into(), list.source.into(), list.as_of.into(), issues.into()]).await.map(drop)
}
