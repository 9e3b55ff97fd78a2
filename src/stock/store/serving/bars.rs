//! Bars for the API and the pages.

use chrono::NaiveDate;
use sea_orm::QueryResult;

use super::{ReadError, pieces};
use crate::{
    db::{Connection, DbError, all},
    stock::bar::{Bar, CompanyId, Days},
};

const COLUMNS: &str = "open_price, high_price, low_price, close_price, volume";

/// A bar and the source it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct SourcedBar {
    pub bar: Bar,
    pub source: Option<String>,
}

/// The company's sessions within the days, ascending.
///
/// # Errors
/// What the database says, or that the series is being rewritten.
pub async fn bars(connection: &impl Connection, company: &CompanyId, days: Days) -> Result<Vec<Bar>, ReadError> {
    pieces::read(connection, ("stockprice", COLUMNS), (company, days), Vec::new, |bars, date, row| {
        bars.push(bar(date, row)?);
        Ok(())
    })
    .await
}

/// The company's newest sessions, at most `count`, ascending.
///
/// # Errors
/// What the database says.
pub async fn newest_bars(
    connection: &impl Connection,
    company: &CompanyId,
    count: u16,
) -> Result<Vec<SourcedBar>, DbError> {
    let sql = format!(
        "SELECT date, {COLUMNS}, source FROM stockprice WHERE company_id = $1 ORDER BY date DESC LIMIT {count}"
    );
    let rows = all(connection, &sql, [company.as_str().into()]).await?;
    let read = |row: &QueryResult| {
        Ok(SourcedBar { bar: bar(row.try_get_by_index(0)?, row)?, source: row.try_get_by_index(6)? })
    };
    rows.iter().rev().map(read).collect()
}

/// The columns after the date.
fn bar(date: NaiveDate, row: &QueryResult) -> Result<Bar, DbError> {
    Ok(Bar {
        date,
        open: row.try_get_by_index(1)?,
        high: row.try_get_by_index(2)?,
        low: row.try_get_by_index(3)?,
        close: row.try_get_by_index(4)?,
        volume: row.try_get_by_index(5)?,
    })
}
