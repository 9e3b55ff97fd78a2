//! How many sessions are stored of each company, and a page of companies to ask it of.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{QueryResult, Value};

use super::companies;
use crate::{
    db::{Connection, DbError, Dialect, all},
    stock::{
        bar::{CompanyId, StockCode},
        company::Company,
    },
};

/// The rows of a company, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub rows: usize,
    /// Rows without prices.
    pub without_trades: usize,
    pub first: NaiveDate,
    pub newest: NaiveDate,
}

/// The key of a company in the order of codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyKey {
    pub code: StockCode,
    pub id: CompanyId,
}

/// Companies by stock code, at most `limit`, those after `after` where it is given.
///
/// # Errors
/// What the database says.
pub async fn companies_after(
    connection: &impl Connection,
    after: Option<&CompanyKey>,
    limit: u32,
) -> Result<Vec<Company>, DbError> {
    // The order of bytes in both databases, whatever PostgreSQL's collation is.
    let (code, id) = match Dialect::of(connection) {
        Dialect::Postgres => ("stock_code COLLATE \"C\"", "company_id COLLATE \"C\""),
        Dialect::Sqlite => ("stock_code", "company_id"),
    };
    let (condition, values): (String, Vec<Value>) = match after {
        Some(key) => {
            (format!("WHERE ({code}, {id}) > ($1, $2)"), vec![key.code.as_str().into(), key.id.as_str().into()])
        }
        None => (String::new(), Vec::new()),
    };
    let sql = format!("SELECT {} FROM company {condition} ORDER BY {code}, {id} LIMIT {limit}", companies::COLUMNS);
    all(connection, &sql, values).await?.iter().map(companies::company).collect()
}

/// The rows of each of these companies that has any: one pass over their part of the index, a row for each.
///
/// # Errors
/// What the database says.
pub async fn counted(connection: &impl Connection, ids: &[&CompanyId]) -> Result<HashMap<CompanyId, Counted>, DbError> {
    let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
    let sql = format!(
        "SELECT company_id, COUNT(*), COUNT(close_price), MIN(date), MAX(date) FROM stockprice \
         WHERE company_id IN {} GROUP BY company_id",
        Dialect::of(connection).texts("$1")
    );
    let rows = all(connection, &sql, [serde_json::json!(ids).to_string().into()]).await?;
    rows.iter().map(one).collect()
}

fn one(row: &QueryResult) -> Result<(CompanyId, Counted), DbError> {
    let id = CompanyId::parse(&row.try_get_by_index::<String>(0)?).map_err(|e| DbError::Type(e.to_string()))?;
    let count = |index| row.try_get_by_index::<i64>(index).map(|n| usize::try_from(n).unwrap_or(0));
    let rows = count(1)?;
    let counted = Counted {
        rows,
        without_trades: rows.saturating_sub(count(2)?),
        first: row.try_get_by_index(3)?,
        newest: row.try_get_by_index(4)?,
    };
    Ok((id, counted))
}
