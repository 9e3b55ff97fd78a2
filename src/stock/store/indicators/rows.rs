//! The stored rows: one for each session with a close, holding all moving averages.

use std::fmt::Write as _;

use chrono::NaiveDate;
use sea_orm::Value;

use crate::{
    db::{Connection, DbError, Dialect, Transaction, all, execute, one},
    stock::bar::CompanyId,
};

const CHUNK: usize = 200;
const COPY_CHUNK: usize = 2000;

/// The values of a session; element `n` belongs to position `n + 1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub date: NaiveDate,
    pub values: Vec<Option<f64>>,
}

/// The rows of a company from a day on, ascending.
pub async fn read(
    connection: &impl Connection,
    company: &CompanyId,
    from: NaiveDate,
    width: usize,
) -> Result<Vec<Row>, DbError> {
    let sql = format!(
        "SELECT date{} FROM stockprice_indicator WHERE company_id = $1 AND date >= $2 ORDER BY date",
        columns(connection, width)
    );
    let rows = all(connection, &sql, [company.as_str().into(), from.into()]).await?;
    rows.iter().map(|row| from_result(row, width)).collect()
}

/// The row of one session.
pub async fn find(
    connection: &impl Connection,
    company: &CompanyId,
    date: NaiveDate,
    width: usize,
) -> Result<Option<Row>, DbError> {
    let sql = format!(
        "SELECT date{} FROM stockprice_indicator WHERE company_id = $1 AND date = $2",
        columns(connection, width)
    );
    let row = one(connection, &sql, [company.as_str().into(), date.into()]).await?;
    row.map(|row| from_result(&row, width)).transpose()
}

fn from_result(row: &sea_orm::QueryResult, width: usize) -> Result<Row, DbError> {
    let values = (1..=width).map(|n| row.try_get("", &format!("v{n}"))).collect::<Result<_, _>>()?;
    Ok(Row { date: row.try_get("", "date")?, values })
}

fn columns(connection: &impl Connection, width: usize) -> String {
    let postgres = Dialect::of(connection) == Dialect::Postgres;
    (1..=width).map(|n| if postgres { format!(", v[{n}] AS v{n}") } else { format!(", v{n}") }).collect()
}

pub async fn insert(transaction: &Transaction, company: &CompanyId, rows: &[Row]) -> Result<(), DbError> {
    if rows.is_empty() {
        return Ok(());
    }
    if Dialect::of(transaction) == Dialect::Postgres {
        let chunks = rows.chunks(COPY_CHUNK).map(|chunk| {
            let mut text = String::new();
            for row in chunk {
                let _ = writeln!(text, "{company}\t{}\t{}", row.date, array(&row.values));
            }
            text.into_bytes()
        });
        let statement = "COPY stockprice_indicator (company_id, date, v) FROM STDIN";
        return transaction.copy_in(statement, chunks).await.map(drop);
    }
    for chunk in rows.chunks(CHUNK) {
        let width = chunk[0].values.len();
        let names: String = (1..=width).map(|n| format!(", v{n}")).collect();
        let mut values: Vec<Value> = vec![company.as_str().into()];
        let mut tuples = Vec::with_capacity(chunk.len());
        for row in chunk {
            let from = values.len() + 1;
            values.push(row.date.into());
            values.extend(row.values.iter().map(|value| Value::from(*value)));
            let places: String = (from..=values.len()).map(|n| format!(", ${n}")).collect();
            tuples.push(format!("($1{places})"));
        }
        let sql = format!("INSERT INTO stockprice_indicator (company_id, date{names}) VALUES {}", tuples.join(", "));
        execute(transaction, &sql, values).await?;
    }
    Ok(())
}

pub async fn update(transaction: &Transaction, company: &CompanyId, rows: &[Row]) -> Result<(), DbError> {
    let dialect = Dialect::of(transaction);
    let now = dialect.timestamp_now();
    for row in rows {
        let mut values: Vec<Value> = vec![company.as_str().into(), row.date.into()];
        let set = if dialect == Dialect::Postgres {
            values.push(array(&row.values).into());
            "v = CAST($3 AS double precision[])".to_owned()
        } else {
            values.extend(row.values.iter().map(|value| Value::from(*value)));
            let columns = (1..=row.values.len()).map(|n| format!("v{n} = ${}", n + 2));
            columns.collect::<Vec<_>>().join(", ")
        };
        let sql = format!("UPDATE stockprice_indicator SET {set}, upd_ts = {now} WHERE company_id = $1 AND date = $2");
        execute(transaction, &sql, values).await?;
    }
    Ok(())
}

pub async fn delete(transaction: &Transaction, company: &CompanyId, dates: &[NaiveDate]) -> Result<(), DbError> {
    for date in dates {
        let sql = "DELETE FROM stockprice_indicator WHERE company_id = $1 AND date = $2";
        execute(transaction, sql, [company.as_str().into(), (*date).into()]).await?;
    }
    Ok(())
}

/// `{1.5,NULL}`: numbers in the shortest text that reads back as the same number.
fn array(values: &[Option<f64>]) -> String {
    let items = values.iter().map(|value| value.map_or_else(|| "NULL".to_owned(), |value| value.to_string()));
    format!("{{{}}}", items.collect::<Vec<_>>().join(","))
}
