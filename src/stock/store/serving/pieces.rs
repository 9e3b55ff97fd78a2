//! Reading a long series piece by piece, as one state of it.

use chrono::NaiveDate;
use sea_orm::{QueryResult, Value};

use super::ReadError;
use crate::{
    db::{Connection, DbError, all},
    stock::{
        bar::{CompanyId, Days},
        store::series,
    },
};

/// Sessions read at once: eight years.
pub(super) const PIECE: usize = 2_000;

/// How often a series that changes meanwhile is read anew.
const ATTEMPTS: usize = 3;

/// Reads `columns` of the company's rows of `table` within the days, ascending; `take` gets the date and the row, whose
/// column 0 is the date. `restart` is called before each attempt, and forgets what the one before took.
///
/// A statement sees one state of the series. Two may see two: so when there was more than one piece and the series
/// has another version afterwards, everything is read again.
///
/// # Errors
/// What the database says, or that the series would not stand still.
pub(super) async fn read<S>(
    connection: &impl Connection,
    (table, columns): (&str, &str),
    (company, days): (&CompanyId, Days),
    restart: impl Fn() -> S,
    take: impl Fn(&mut S, NaiveDate, &QueryResult) -> Result<(), DbError>,
) -> Result<S, ReadError> {
    let sql = format!(
        "SELECT date, {columns} FROM {table} WHERE company_id = $1 AND date >= $2 AND date <= $3 \
         ORDER BY date LIMIT {PIECE}"
    );
    for _ in 0..ATTEMPTS {
        let before = series::find(connection, company).await?;
        let (mut state, mut from, mut pieces) = (restart(), Some(days.from), 0);
        while let Some(start) = from.filter(|day| *day <= days.to) {
            let values: [Value; 3] = [company.as_str().into(), start.into(), days.to.into()];
            let rows = all(connection, &sql, values).await?;
            pieces += 1;
            let mut last = None;
            for row in &rows {
                let date = row.try_get_by_index(0)?;
                take(&mut state, date, row)?;
                last = Some(date);
            }
            from = last.filter(|_| rows.len() == PIECE).and_then(|date: NaiveDate| date.succ_opt());
        }
        if pieces <= 1 || series::find(connection, company).await? == before {
            return Ok(state);
        }
    }
    Err(ReadError::Changing)
}
