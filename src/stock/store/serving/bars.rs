//! Bars for the pages.

use sea_orm::QueryResult;

use crate::{
    db::{Connection, DbError, all},
    stock::{
        bar::{Bar, CompanyId},
        store::bars::{VALUES, bar},
    },
};

/// A bar and the source it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct SourcedBar {
    pub bar: Bar,
    pub source: Option<String>,
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
    let sql =
        format!("SELECT date, {VALUES}, source FROM stockprice WHERE company_id = $1 ORDER BY date DESC LIMIT {count}");
    let rows = all(connection, &sql, [company.as_str().into()]).await?;
    let read = |row: &QueryResult| {
        Ok(SourcedBar { bar: bar(row.try_get_by_index(0)?, row)?, source: row.try_get_by_index(6)? })
    };
    rows.iter().rev().map(read).collect()
}
