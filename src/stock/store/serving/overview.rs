//! The companies of the home page, each with its last closes: two statements, however many are shown.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::QueryResult;

use crate::{
    db::{Connection, DbError, Dialect, all, one},
    stock::{
        bar::{CompanyId, StockCode},
        company::CompanyStatus,
    },
};

/// Some companies, and how many there are.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    pub total: u64,
    /// By stock code.
    pub shown: Vec<Shown>,
}

/// A company and its last closes.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub company_id: CompanyId,
    pub company_name: String,
    pub stock_code: StockCode,
    /// `JP`, `US`.
    pub country_code: String,
    pub listed_market: String,
    pub status: CompanyStatus,
    pub listed_to: Option<NaiveDate>,
    /// The source of the newest bars.
    pub source: Option<String>,
    /// Ascending; none for a session without trades.
    pub closes: Vec<(NaiveDate, Option<f64>)>,
}

/// The first `limit` companies by code, each with its last `sessions` closes, `sessions` being at least 1.
///
/// # Errors
/// What the database says.
pub async fn overview(connection: &impl Connection, limit: u16, sessions: u16) -> Result<Overview, DbError> {
    let total = one(connection, "SELECT COUNT(*) FROM company", []).await?;
    let total: i64 = total.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    let mut closes = closes(connection, limit, sessions).await?;
    let sql = format!(
        "SELECT c.company_id, c.company_name, c.stock_code, c.listed_market, c.status, c.listed_to, s.source, \
         c.country_code \
         FROM company c LEFT JOIN stockprice_series s ON s.company_id = c.company_id \
         ORDER BY {} LIMIT {limit}",
        by_code(connection)
    );
    let rows = all(connection, &sql, []).await?;
    let shown = rows.iter().map(|row| shown(row, &mut closes)).collect::<Result<_, _>>()?;
    Ok(Overview { total: total.unsigned_abs(), shown })
}

type Closes = Vec<(NaiveDate, Option<f64>)>;

/// The first day of each company's last sessions is found in its index; then its rows are one range of it.
async fn closes(connection: &impl Connection, limit: u16, sessions: u16) -> Result<HashMap<String, Closes>, DbError> {
    let sql = format!(
        "SELECT p.company_id, p.date, p.close_price \
         FROM (SELECT c.company_id, COALESCE((SELECT q.date FROM stockprice q WHERE q.company_id = c.company_id \
                                              ORDER BY q.date DESC LIMIT 1 OFFSET {}), '0001-01-01') AS since \
               FROM company c ORDER BY {} LIMIT {limit}) d \
         JOIN stockprice p ON p.company_id = d.company_id AND p.date >= d.since \
         ORDER BY p.company_id, p.date",
        sessions.saturating_sub(1),
        by_code(connection)
    );
    let mut closes: HashMap<String, Closes> = HashMap::new();
    for row in all(connection, &sql, []).await? {
        let close = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        closes.entry(row.try_get_by_index(0)?).or_default().push(close);
    }
    Ok(closes)
}

/// The order of bytes in both databases, whatever PostgreSQL's collation is.
fn by_code(connection: &impl Connection) -> &'static str {
    match Dialect::of(connection) {
        Dialect::Postgres => "c.stock_code COLLATE \"C\", c.company_id",
        Dialect::Sqlite => "c.stock_code, c.company_id",
    }
}

fn shown(row: &QueryResult, closes: &mut HashMap<String, Closes>) -> Result<Shown, DbError> {
    let id: String = row.try_get_by_index(0)?;
    let status: String = row.try_get_by_index(4)?;
    Ok(Shown {
        company_name: row.try_get_by_index(1)?,
        stock_code: StockCode::parse(&row.try_get_by_index::<String>(2)?).map_err(|e| DbError::Type(e.to_string()))?,
        listed_market: row.try_get_by_index(3)?,
        status: CompanyStatus::parse(&status).ok_or_else(|| DbError::Type(format!("unknown status {status:?}")))?,
        listed_to: row.try_get_by_index(5)?,
        source: row.try_get_by_index(6)?,
        country_code: row.try_get_by_index(7)?,
        closes: closes.remove(&id).unwrap_or_default(),
        company_id: CompanyId::parse(&id).map_err(|e| DbError::Type(e.to_string()))?,
    })
}
