//! Bringing the stored moving averages up to the stored bars, from the first changed day on.

use chrono::NaiveDate;

use super::{
    positions::Positions,
    rows::{self, Row},
};
use crate::{
    db::{Connection, DbError, Transaction, all, one},
    stock::{
        bar::CompanyId,
        indicators::{HistoryNeeded, Kind, SPANS, compute, rows_needed},
    },
};

/// Nobody asks for more closes before the ones at hand: counting all would cost more with every year.
const FAR_ENOUGH: u16 = *SPANS.end();

/// The closes of a series from some day on, and how many come before them, or enough.
struct Closes {
    before: usize,
    dates: Vec<NaiveDate>,
    closes: Vec<f64>,
}

/// Computes the values of the sessions from `from` on and writes those that differ. Gives how many rows it wrote.
/// The caller holds the lock of the company's series.
///
/// # Errors
/// What the database says.
pub async fn refresh(
    transaction: &Transaction,
    company: &CompanyId,
    positions: &Positions,
    from: NaiveDate,
) -> Result<u64, DbError> {
    let fresh = match tail(transaction, company, positions, from).await? {
        Some(rows) => rows,
        None => whole(transaction, company, positions, from).await?,
    };
    let stored = rows::read(transaction, company, from, positions.width()).await?;
    write_difference(transaction, company, &stored, fresh).await
}

/// From the few closes before `from` and the stored EMAs; none when that does not suffice.
async fn tail(
    transaction: &Transaction,
    company: &CompanyId,
    positions: &Positions,
    from: NaiveDate,
) -> Result<Option<Vec<Row>>, DbError> {
    let longest = positions.iter().map(|(ma, _)| rows_needed(ma)).max().unwrap_or(0).max(1);
    let sql = format!(
        "SELECT date FROM stockprice WHERE company_id = $1 AND date < $2 AND close_price IS NOT NULL \
         ORDER BY date DESC LIMIT {longest}"
    );
    let before = all(transaction, &sql, [company.as_str().into(), from.into()]).await?;
    let Some(first) = before.last() else { return Ok(None) };
    let start: NaiveDate = first.try_get("", "date")?;
    let newest: NaiveDate = before[0].try_get("", "date")?;
    let closes = closes(transaction, company, start).await?;
    let resume = rows::find(transaction, company, newest, positions.width()).await?;
    Ok(values(&closes, positions, from, resume.as_ref()).ok())
}

async fn whole(
    transaction: &Transaction,
    company: &CompanyId,
    positions: &Positions,
    from: NaiveDate,
) -> Result<Vec<Row>, DbError> {
    let closes = closes(transaction, company, NaiveDate::MIN).await?;
    values(&closes, positions, from, None).map_err(|e| DbError::Custom(e.to_string()))
}

async fn closes(connection: &impl Connection, company: &CompanyId, start: NaiveDate) -> Result<Closes, DbError> {
    // Both databases know days from year 1 on; the calendar begins long after.
    let start = start.max(NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or(start));
    let count = format!(
        "SELECT count(*) AS n FROM (SELECT date FROM stockprice WHERE company_id = $1 AND date < $2 \
         AND close_price IS NOT NULL ORDER BY date DESC LIMIT {FAR_ENOUGH}) AS b"
    );
    let row = one(connection, &count, [company.as_str().into(), start.into()]).await?;
    let before: i64 = row.map_or(Ok(0), |row| row.try_get("", "n"))?;
    let sql = "SELECT date, close_price FROM stockprice WHERE company_id = $1 AND date >= $2 \
               AND close_price IS NOT NULL ORDER BY date";
    let found = all(connection, sql, [company.as_str().into(), start.into()]).await?;
    let mut result = Closes {
        before: usize::try_from(before).unwrap_or(0),
        dates: Vec::with_capacity(found.len()),
        closes: Vec::with_capacity(found.len()),
    };
    for row in &found {
        result.dates.push(row.try_get("", "date")?);
        result.closes.push(row.try_get("", "close_price")?);
    }
    Ok(result)
}

fn values(
    series: &Closes,
    positions: &Positions,
    from: NaiveDate,
    resume: Option<&Row>,
) -> Result<Vec<Row>, HistoryNeeded> {
    let start = series.dates.partition_point(|date| *date < from);
    let width = positions.width();
    let mut rows: Vec<Row> =
        series.dates[start..].iter().map(|date| Row { date: *date, values: vec![None; width] }).collect();
    for (ma, position) in positions.iter() {
        let resume = if ma.kind() == Kind::Ema { resume.and_then(|row| row.values[position - 1]) } else { None };
        let computed = compute(&series.closes, series.before, ma, resume, start)?;
        for (row, value) in rows.iter_mut().zip(computed) {
            row.values[position - 1] = value;
        }
    }
    Ok(rows)
}

async fn write_difference(
    transaction: &Transaction,
    company: &CompanyId,
    stored: &[Row],
    fresh: Vec<Row>,
) -> Result<u64, DbError> {
    let mut old = stored.iter().peekable();
    let (mut new, mut changed, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for row in fresh {
        while let Some(vanished) = old.next_if(|old| old.date < row.date) {
            gone.push(vanished.date);
        }
        match old.next_if(|old| old.date == row.date) {
            None => new.push(row),
            Some(old) if *old == row => {}
            Some(_) => changed.push(row),
        }
    }
    gone.extend(old.map(|row| row.date));
    rows::delete(transaction, company, &gone).await?;
    rows::insert(transaction, company, &new).await?;
    rows::update(transaction, company, &changed).await?;
    Ok((new.len() + changed.len() + gone.len()) as u64)
}
