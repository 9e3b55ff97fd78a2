//! Stored bars.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sea_orm::QueryResult;

use crate::{
    db::{Connection, DbError, all, one},
    stock::bar::{Bar, CompanyId, Days},
};

/// The columns of a bar after its date.
pub const VALUES: &str = "open_price, high_price, low_price, close_price, volume";

/// The bars of a company in a range, ascending.
///
/// # Errors
/// What the database says.
pub async fn read(connection: &impl Connection, company: &CompanyId, days: Days) -> Result<Vec<Bar>, DbError> {
    let sql =
        format!("SELECT date, {VALUES} FROM stockprice WHERE company_id = $1 AND date BETWEEN $2 AND $3 ORDER BY date");
    let values = [company.as_str().into(), days.from.into(), days.to.into()];
    let rows = all(connection, &sql, values).await?;
    rows.iter().map(|row| bar(row.try_get_by_index(0)?, row)).collect()
}

/// The days in a range whose stored bars come from one source.
///
/// # Errors
/// What the database says.
pub async fn days_from(
    connection: &impl Connection,
    company: &CompanyId,
    days: Days,
    source: &str,
) -> Result<BTreeSet<NaiveDate>, DbError> {
    let sql = "SELECT date FROM stockprice WHERE company_id = $1 AND date BETWEEN $2 AND $3 AND source = $4";
    let values = [company.as_str().into(), days.from.into(), days.to.into(), source.into()];
    all(connection, sql, values).await?.iter().map(|row| row.try_get("", "date")).collect()
}

/// The days of a company's rows in a range, ascending.
///
/// # Errors
/// What the database says.
pub async fn dates(connection: &impl Connection, company: &CompanyId, days: Days) -> Result<Vec<NaiveDate>, DbError> {
    let sql = "SELECT date FROM stockprice WHERE company_id = $1 AND date BETWEEN $2 AND $3 ORDER BY date";
    let rows = all(connection, sql, [company.as_str().into(), days.from.into(), days.to.into()]).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// The last session with a close before a day.
///
/// # Errors
/// What the database says.
pub async fn last_close_before(
    connection: &impl Connection,
    company: &CompanyId,
    day: NaiveDate,
) -> Result<Option<(NaiveDate, f64)>, DbError> {
    let sql = "SELECT date, close_price FROM stockprice \
               WHERE company_id = $1 AND date < $2 AND close_price IS NOT NULL ORDER BY date DESC LIMIT 1";
    let row = one(connection, sql, [company.as_str().into(), day.into()]).await?;
    row.map(|row| Ok((row.try_get("", "date")?, row.try_get("", "close_price")?))).transpose()
}

/// A row of which the date and then [`VALUES`] were selected.
pub fn bar(date: NaiveDate, row: &QueryResult) -> Result<Bar, DbError> {
    Ok(Bar {
        date,
        open: row.try_get_by_index(1)?,
        high: row.try_get_by_index(2)?,
        low: row.try_get_by_index(3)?,
        close: row.try_get_by_index(4)?,
        volume: row.try_get_by_index(5)?,
    })
}
