//! Rates: read, compared, and written where they differ.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{QueryResult, Value};

use crate::{
    db::{Connection, DbError, Dialect, Places, Transaction, all, execute, one},
    fx::rate::{Currency, Days, Rate},
};

/// Rows in one statement: far below both databases' limits on parameters.
const CHUNK: usize = 1000;

/// A stored rate that is given with another value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correction {
    pub old: Rate,
    pub new: Rate,
}

/// What became of the rates given to [`store`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    pub inserted: u64,
    pub unchanged: u64,
    pub corrections: Vec<Correction>,
}

/// A currency and the days of its first and its newest rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    pub currency: Currency,
    pub days: Days,
}

/// The rates of a currency in a range, ascending.
///
/// # Errors
/// What the database says.
pub async fn read(connection: &impl Connection, currency: Currency, days: Days) -> Result<Vec<Rate>, DbError> {
    let sql = "SELECT date, rate FROM fx_rate WHERE currency = $1 AND date BETWEEN $2 AND $3 ORDER BY date";
    let rows = all(connection, sql, [currency.as_str().into(), days.from.into(), days.to.into()]).await?;
    let rate =
        |row: &QueryResult| Ok(Rate { currency, date: row.try_get_by_index(0)?, rate: row.try_get_by_index(1)? });
    rows.iter().map(rate).collect()
}

/// The rates of all currencies in a short range, ascending.
///
/// # Errors
/// What the database says.
pub async fn read_all(connection: &impl Connection, days: Days) -> Result<Vec<Rate>, DbError> {
    let sql = "SELECT currency, date, rate FROM fx_rate WHERE date BETWEEN $1 AND $2 ORDER BY date";
    let rows = all(connection, sql, [days.from.into(), days.to.into()]).await?;
    let rate = |row: &QueryResult| {
        Ok(Rate { currency: currency(row)?, date: row.try_get_by_index(1)?, rate: row.try_get_by_index(2)? })
    };
    rows.iter().map(rate).collect()
}

/// Every currency that has a rate, by its code.
///
/// # Errors
/// What the database says.
pub async fn list(connection: &impl Connection) -> Result<Vec<Listed>, DbError> {
    let sql = "SELECT currency, min(date), max(date) FROM fx_rate GROUP BY currency ORDER BY currency";
    let listed = |row: &QueryResult| {
        let days = Days { from: row.try_get_by_index(1)?, to: row.try_get_by_index(2)? };
        Ok(Listed { currency: currency(row)?, days })
    };
    all(connection, sql, []).await?.iter().map(listed).collect()
}

/// Whether there is any rate of a currency.
///
/// # Errors
/// What the database says.
pub async fn exists(connection: &impl Connection, currency: Currency) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM fx_rate WHERE currency = $1 LIMIT 1";
    Ok(one(connection, sql, [currency.as_str().into()]).await?.is_some())
}

/// Makes the stored rates of one currency equal to the given ones, ascending, on their days. The caller holds the lock
/// of the series.
///
/// # Errors
/// What the database says.
pub async fn store(transaction: &Transaction, source: &str, given: &[Rate]) -> Result<Written, DbError> {
    let (Some(first), Some(last)) = (given.first(), given.last()) else { return Ok(Written::default()) };
    let stored = read(transaction, first.currency, Days { from: first.date, to: last.date }).await?;
    let stored: BTreeMap<NaiveDate, Rate> = stored.into_iter().map(|rate| (rate.date, rate)).collect();
    let (mut written, mut new) = (Written::default(), Vec::new());
    for rate in given {
        match stored.get(&rate.date) {
            None => new.push(*rate),
            Some(old) if old.rate == rate.rate => written.unchanged += 1,
            Some(old) => written.corrections.push(Correction { old: *old, new: *rate }),
        }
    }
    insert(transaction, source, &new).await?;
    update(transaction, source, &written.corrections).await?;
    written.inserted = new.len() as u64;
    Ok(written)
}

async fn insert(transaction: &Transaction, source: &str, rates: &[Rate]) -> Result<(), DbError> {
    for chunk in rates.chunks(CHUNK) {
        let mut sql = "INSERT INTO fx_rate (currency, date, rate, source) VALUES ".to_owned();
        let mut places = Places::new(Dialect::of(transaction));
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 4);
        for (row, rate) in chunk.iter().enumerate() {
            sql.push_str(if row == 0 { "" } else { "," });
            places.push_tuple(&mut sql, 4);
            values.extend([rate.currency.as_str().into(), rate.date.into(), rate.rate.into(), source.into()]);
        }
        execute(transaction, &sql, values).await?;
    }
    Ok(())
}

/// One by one: the ECB corrects a handful in a year.
async fn update(transaction: &Transaction, source: &str, corrections: &[Correction]) -> Result<(), DbError> {
    let now = Dialect::of(transaction).timestamp_now();
    let sql = format!("UPDATE fx_rate SET rate = $3, source = $4, upd_ts = {now} WHERE currency = $1 AND date = $2");
    for Correction { new, .. } in corrections {
        let values = [new.currency.as_str().into(), new.date.into(), new.rate.into(), source.into()];
        execute(transaction, &sql, values).await?;
    }
    Ok(())
}

fn currency(row: &QueryResult) -> Result<Currency, DbError> {
    let code: String = row.try_get_by_index(0)?;
    Currency::parse(&code).map_err(|error| DbError::Type(error.to_string()))
}
