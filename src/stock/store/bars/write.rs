//! Writing bars: new ones from arrays on PostgreSQL or by multi-row statements on SQLite, changed ones by one
//! update, unchanged ones not at all. `ins_ts` stays, `upd_ts` moves only where a value differs.

use chrono::NaiveDate;
use sea_orm::Value;

use super::{difference::difference, read::read};
use crate::{
    db::{DbError, Dialect, Places, Transaction, execute},
    stock::{
        bar::{Bar, CompanyId, Days},
        overlap::OneBasis,
        store::series,
    },
};

/// Rows in one statement: far below both databases' limits on parameters, far above where more would help.
const CHUNK: usize = 200;
/// Rows in one statement of arrays: some hundred kilobytes.
const UNNEST_CHUNK: usize = 5000;

/// What became of the bars given to [`store`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// The first day whose values are not what they were: indicators are computed anew from here.
    pub first_day: Option<NaiveDate>,
}

/// Makes the stored bars equal to the given ones on their days. The caller holds the lock of the company's series, and
/// gets bars of which it was proven, when they were judged, that they are on its basis.
///
/// # Errors
/// When the series has another basis by now: then nothing is written. Otherwise what the database says.
pub async fn store(
    transaction: &Transaction,
    company: &CompanyId,
    source: &str,
    bars: &OneBasis,
) -> Result<Written, DbError> {
    one_basis(transaction, company, bars).await?;
    let (Some(first), Some(last)) = (bars.first(), bars.last()) else { return Ok(Written::default()) };
    let stored = read(transaction, company, Days { from: first.date, to: last.date }).await?;
    let found = difference(&stored, bars);
    match Dialect::of(transaction) {
        Dialect::Postgres => unnest(transaction, company, source, &found.new).await?,
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

async fn one_basis(transaction: &Transaction, company: &CompanyId, bars: &OneBasis) -> Result<(), DbError> {
    match series::find(transaction, company).await?.basis {
        Some(basis) if basis != bars.basis() => Err(DbError::Custom(format!(
            "bars adjusted for {} cannot join the series of company {company}, which is adjusted for {}",
            bars.basis().as_str(),
            basis.as_str()
        ))),
        _ => Ok(()),
    }
}

/// PostgreSQL's way: a column of values each, put together by the database.
async fn unnest(transaction: &Transaction, company: &CompanyId, source: &str, bars: &[Bar]) -> Result<(), DbError> {
    for chunk in bars.chunks(UNNEST_CHUNK) {
        let column = |value: fn(&Bar) -> Option<f64>| chunk.iter().map(value).collect::<Vec<_>>();
        let query = sqlx::query(
            "INSERT INTO stockprice \
             (company_id, source, date, open_price, high_price, low_price, close_price, volume) \
             SELECT $1, $2, b.* FROM unnest($3::date[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], \
             $8::float8[]) AS b",
        )
        .bind(company.as_str())
        .bind(source)
        .bind(chunk.iter().map(|bar| bar.date).collect::<Vec<_>>())
        .bind(column(|bar| bar.open))
        .bind(column(|bar| bar.high))
        .bind(column(|bar| bar.low))
        .bind(column(|bar| bar.close))
        .bind(column(|bar| bar.volume));
        transaction.execute_postgres(query).await?;
    }
    Ok(())
}

/// SQLite's way: it has no arrays.
async fn insert(transaction: &Transaction, company: &CompanyId, source: &str, bars: &[Bar]) -> Result<(), DbError> {
    for chunk in bars.chunks(CHUNK) {
        let mut sql = "INSERT INTO stockprice \
             (company_id, source, date, open_price, high_price, low_price, close_price, volume) VALUES "
            .to_owned();
        let mut places = Places::new(Dialect::of(transaction));
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 8);
        for (row, bar) in chunk.iter().enumerate() {
            sql.push_str(if row == 0 { "" } else { "," });
            places.push_tuple(&mut sql, 8);
            values.extend([company.as_str().into(), source.into()]);
            values.extend(columns(bar));
        }
        execute(transaction, &sql, values).await?;
    }
    Ok(())
}

async fn update(transaction: &Transaction, company: &CompanyId, source: &str, bars: &[Bar]) -> Result<(), DbError> {
    let dialect = Dialect::of(transaction);
    for chunk in bars.chunks(CHUNK) {
        let mut places = Places::new(dialect);
        let mut sql = format!(
            "UPDATE stockprice SET open_price = c.column2, high_price = c.column3, low_price = c.column4, \
             close_price = c.column5, volume = c.column6, upd_ts = {}, source = ",
            dialect.timestamp_now()
        );
        places.push(&mut sql);
        let mut values: Vec<Value> = vec![source.into()];
        for (row, bar) in chunk.iter().enumerate() {
            sql.push_str(if row == 0 { " FROM (VALUES " } else { "," });
            places.push_tuple(&mut sql, 6);
            values.extend(columns(bar));
        }
        sql.push_str(") AS c WHERE stockprice.date = c.column1 AND stockprice.company_id = ");
        places.push(&mut sql);
        values.push(company.as_str().into());
        execute(transaction, &sql, values).await?;
    }
    Ok(())
}

/// Date, open, high, low, close, volume.
fn columns(bar: &Bar) -> [Value; 6] {
    [bar.date.into(), bar.open.into(), bar.high.into(), bar.low.into(), bar.close.into(), bar.volume.into()]
}
