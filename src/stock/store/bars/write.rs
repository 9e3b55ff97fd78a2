//! Writing bars: new ones by `COPY` on PostgreSQL or prepared multi-row statements on SQLite, changed ones by one
//! update, unchanged ones not at all. `ins_ts` stays, `upd_ts` moves only where a value differs.

use std::fmt::Write as _;

use chrono::NaiveDate;
use sea_orm::Value;

use super::{difference::difference, read::read};
use crate::{
    db::{DbError, Dialect, Transaction, execute},
    stock::bar::{Bar, CompanyId, Days},
};

/// Rows in one statement: far below both databases' limits on parameters, far above where more would help.
const CHUNK: usize = 500;
/// Rows in one message of a `COPY`.
const COPY_CHUNK: usize = 2000;

/// What became of the bars given to [`store`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// The first day whose values are not what they were: indicators are computed anew from here.
    pub first_day: Option<NaiveDate>,
}

/// Makes the stored bars equal to the given ones on their days. The caller holds the lock of the company's series.
///
/// # Errors
/// What the database says.
pub async fn store(
    transaction: &Transaction,
    company: &CompanyId,
    source: &str,
    bars: &[Bar],
) -> Result<Written, DbError> {
    let (Some(first), Some(last)) = (bars.first(), bars.last()) else { return Ok(Written::default()) };
    let stored = read(transaction, company, Days { from: first.date, to: last.date }).await?;
    let found = difference(&stored, bars);
    match Dialect::of(transaction) {
        Dialect::Postgres => copy(transaction, company, source, &found.new).await?,
        Dialect::Sqlite => insert(transaction, company, source, &found.new).await?,
    }
    update(transaction, company, source, &found.changed).await?;
    Ok(Written {
        inserted: found.new.len() as u64,
        updated: found.changed.len() as u64,
        unchanged: found.unchanged,
        first_day: found.first_day(),
    })
}

async fn copy(transaction: &Transaction, company: &CompanyId, source: &str, bars: &[Bar]) -> Result<(), DbError> {
    if bars.is_empty() {
        return Ok(());
    }
    let statement = "COPY stockprice (company_id, date, open_price, high_price, low_price, close_price, volume, source) \
                     FROM STDIN";
    let chunks = bars.chunks(COPY_CHUNK).map(|chunk| {
        let mut text = String::with_capacity(chunk.len() * 80);
        for bar in chunk {
            let _ = write!(text, "{company}\t{}", bar.date);
            for value in [bar.open, bar.high, bar.low, bar.close, bar.volume] {
                match value {
                    // The shortest text that reads back as the same number.
                    Some(value) => drop(write!(text, "\t{value}")),
                    None => text.push_str("\t\\N"),
                }
            }
            let _ = writeln!(text, "\t{source}");
        }
        text.into_bytes()
    });
    transaction.copy_in(statement, chunks).await.map(drop)
}

async fn insert(transaction: &Transaction, company: &CompanyId, source: &str, bars: &[Bar]) -> Result<(), DbError> {
    for chunk in bars.chunks(CHUNK) {
        let sql = format!(
            "INSERT INTO stockprice (company_id, source, date, open_price, high_price, low_price, close_price, volume) \
             VALUES {}",
            rows(chunk.len(), "$1, $2, ")
        );
        execute(transaction, &sql, values(company, source, chunk)).await?;
    }
    Ok(())
}

async fn update(transaction: &Transaction, company: &CompanyId, source: &str, bars: &[Bar]) -> Result<(), DbError> {
    let now = Dialect::of(transaction).timestamp_now();
    for chunk in bars.chunks(CHUNK) {
        let sql = format!(
            "UPDATE stockprice SET open_price = c.column2, high_price = c.column3, low_price = c.column4, \
             close_price = c.column5, volume = c.column6, source = $2, upd_ts = {now} \
             FROM (VALUES {}) AS c WHERE stockprice.company_id = $1 AND stockprice.date = c.column1",
            rows(chunk.len(), "")
        );
        execute(transaction, &sql, values(company, source, chunk)).await?;
    }
    Ok(())
}

/// `(lead $3, …, $8), (lead $9, …)`: six parameters for each bar after the two common ones.
fn rows(count: usize, lead: &str) -> String {
    let mut sql = String::with_capacity(count * 48);
    for row in 0..count {
        let at = 3 + row * 6;
        let comma = if row == 0 { "" } else { ", " };
        let (b, c, d, e, f) = (at + 1, at + 2, at + 3, at + 4, at + 5);
        let _ = write!(sql, "{comma}({lead}${at}, ${b}, ${c}, ${d}, ${e}, ${f})");
    }
    sql
}

fn values(company: &CompanyId, source: &str, bars: &[Bar]) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::with_capacity(2 + bars.len() * 6);
    values.push(company.as_str().into());
    values.push(source.into());
    for bar in bars {
        values.push(bar.date.into());
        values.extend([bar.open, bar.high, bar.low, bar.close, bar.volume].map(Value::from));
    }
    values
}
