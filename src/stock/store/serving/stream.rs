//! Bars and moving averages as a stream of pieces: a history of thirty years takes the memory of one piece.

use std::sync::Arc;

use chrono::NaiveDate;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use sea_orm::Value;

use super::{KeptAverage, ReadError, averages::element};
use crate::{
    db::{Columns, Database, View},
    stock::{
        bar::{Bar, CompanyId, Days},
        store::{bars::VALUES, series::Series},
    },
};

/// Sessions read at once: ten years, with as many as if there were no holidays, so that ten years never take a snapshot.
pub const PIECE: usize = 2_650;

/// Pieces, ascending by date.
pub type Pieces<T> = BoxStream<'static, Result<Vec<T>, ReadError>>;

/// What to read from: one statement sees one state of the database anyhow, and only what takes more than one has to be
/// held still.
///
/// # Errors
/// What the database says, or that too many long answers are under way.
pub async fn view(database: &Database, one_statement: bool) -> Result<Arc<View>, ReadError> {
    Ok(Arc::new(if one_statement { View::Now(database.clone()) } else { View::Snapshot(database.snapshot().await?) }))
}

/// Whether the series has no more sessions within the days than are read at once.
#[must_use]
pub fn fits(series: &Series, days: Days) -> bool {
    let from = series.covered.map_or(days.from, |covered| covered.from.max(days.from));
    let to = series.newest_date.map_or(days.to, |newest| newest.min(days.to));
    // Five sessions in seven days at most, save for the Saturdays of old, which the second piece is for.
    let weekdays = (to - from).num_days().max(0).unsigned_abs() * 5 / 7 + 5;
    weekdays < PIECE as u64
}

/// The company's bars within the days.
pub fn bars(view: &Arc<View>, company: &CompanyId, days: Days) -> Pieces<Bar> {
    pieces(view, "stockprice", (VALUES, 5), company, days, |columns, row| {
        let [open, high, low, close, volume] = std::array::from_fn(|column| columns.numbers[column][row]);
        Bar { date: columns.days[row], open, high, low, close, volume }
    })
}

/// One of the kept moving averages within the days; none before the n-th session of the series.
pub fn average(
    view: &Arc<View>,
    company: &CompanyId,
    days: Days,
    average: &KeptAverage,
) -> Pieces<(NaiveDate, Option<f64>)> {
    let column = element(view.dialect(), average.position);
    pieces(view, "stockprice_indicator", (&column, 1), company, days, |columns, row| {
        (columns.days[row], columns.numbers[0][row])
    })
}

/// The rows of a company in `table`: the date, and then so many columns of numbers.
fn pieces<T: Send + 'static>(
    view: &Arc<View>,
    table: &str,
    (columns, count): (&str, usize),
    company: &CompanyId,
    days: Days,
    read: impl Fn(&Columns, usize) -> T + Copy + Send + Sync + 'static,
) -> Pieces<T> {
    let sql: Arc<str> = format!(
        "SELECT date, {columns} FROM {table} WHERE company_id = $1 AND date >= $2 AND date <= $3 \
         ORDER BY date LIMIT {PIECE}"
    )
    .into();
    let (view, company) = (Arc::clone(view), company.clone());
    stream::try_unfold(Some(days.from), move |from| {
        let (view, company, sql) = (Arc::clone(&view), company.clone(), Arc::clone(&sql));
        async move {
            let Some(start) = from.filter(|day| *day <= days.to) else { return Ok(None) };
            let values: [Value; 3] = [company.as_str().into(), start.into(), days.to.into()];
            let columns = view.columns(&sql, values, count).await?;
            let rows = columns.days.len();
            let piece: Vec<T> = (0..rows).map(|row| read(&columns, row)).collect();
            let next = columns.days.last().filter(|_| rows == PIECE).and_then(NaiveDate::succ_opt);
            Ok((rows > 0).then_some((piece, next)))
        }
    })
    .boxed()
}
