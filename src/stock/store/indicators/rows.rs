//! The stored rows: one for each session with a close, holding all moving averages.

use chrono::NaiveDate;
use sea_orm::Value;

use crate::{
    db::{Connection, DbError, Dialect, Places, Transaction, all, execute, one},
    stock::bar::CompanyId,
};

/// Rows in one statement.
const CHUNK: usize = 200;
/// Rows in one statement of arrays.
const UNNEST_CHUNK: usize = 5000;

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
        return unnest(transaction, company, rows).await;
    }
    for chunk in rows.chunks(CHUNK) {
        let width = chunk[0].values.len();
        let names: String = (1..=width).map(|n| format!(", v{n}")).collect();
        let mut sql = format!("INSERT INTO stockprice_indicator (company_id, date{names}) VALUES ");
        let mut places = Places::new(Dialect::Sqlite);
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * (width + 2));
        for (number, row) in chunk.iter().enumerate() {
            sql.push_str(if number == 0 { "" } else { "," });
            places.push_tuple(&mut sql, width + 2);
            values.extend([company.as_str().into(), row.date.into()]);
            values.extend(row.values.iter().map(|value| Value::from(*value)));
        }
        execute(transaction, &sql, values).await?;
    }
    Ok(())
}

async fn unnest(transaction: &Transaction, company: &CompanyId, rows: &[Row]) -> Result<(), DbError> {
    for chunk in rows.chunks(UNNEST_CHUNK) {
        let width = chunk[0].values.len();
        let names: Vec<String> = (1..=width).map(|n| format!("v{n}")).collect();
        let arrays: String = (0..width).map(|n| format!(", ${}::float8[]", n + 3)).collect();
        let names = names.join(", ");
        let sql = format!(
            "INSERT INTO stockprice_indicator (company_id, date, v) \
             SELECT $1, r.date, ARRAY[{names}] FROM unnest($2::date[]{arrays}) AS r (date, {names})"
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(company.as_str())
            .bind(chunk.iter().map(|row| row.date).collect::<Vec<_>>());
        for position in 0..width {
            query = query.bind(chunk.iter().map(|row| row.values[position]).collect::<Vec<_>>());
        }
        transaction.execute_postgres(query).await?;
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
