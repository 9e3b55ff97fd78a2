//! Moving averages as they are stored: the row of each session, only the positions asked for.

use chrono::NaiveDate;
use sea_orm::{QueryResult, Value};

use crate::{
    db::{Connection, DbError, Dialect, View, all},
    stock::bar::{CompanyId, Days},
};

/// A moving average that is computed and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAverage {
    /// `sma5`
    pub ma_type: String,
    /// Its element in a session's row, from 1.
    pub(super) position: i32,
}

/// Moving averages of the same sessions, column by column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Averages {
    /// Ascending.
    pub dates: Vec<NaiveDate>,
    /// Of each moving average its values, one for each of `dates`; none before the n-th session of the series.
    pub columns: Vec<(String, Vec<Option<f64>>)>,
}

/// The moving averages there are, by name.
///
/// # Errors
/// What the database says.
pub async fn kept_averages(connection: &impl Connection) -> Result<Vec<KeptAverage>, DbError> {
    let rows = all(connection, "SELECT position, ma_type FROM stockprice_indicator_type WHERE active", []).await?;
    let mut kept = rows
        .iter()
        .map(|row| Ok(KeptAverage { position: row.try_get_by_index(0)?, ma_type: row.try_get_by_index(1)? }))
        .collect::<Result<Vec<_>, DbError>>()?;
    // Here and not in SQL: a collation may order digits and letters otherwise.
    kept.sort_by(|a, b| a.ma_type.cmp(&b.ma_type));
    Ok(kept)
}

/// The values within the days, in the order of `wanted`, in one statement; for days whose number is bounded. The view
/// `stockprice_ma` has the same numbers; its row for each value would be read and sorted for nothing.
///
/// # Errors
/// What the database says.
pub async fn averages(
    view: &View,
    company: &CompanyId,
    days: Days,
    wanted: &[KeptAverage],
) -> Result<Averages, DbError> {
    let mut averages = Averages {
        dates: Vec::new(),
        columns: wanted.iter().map(|average| (average.ma_type.clone(), Vec::new())).collect(),
    };
    if wanted.is_empty() {
        return Ok(averages);
    }
    let columns: Vec<String> = wanted.iter().map(|average| element(view.dialect(), average.position)).collect();
    let sql = format!(
        "SELECT date, {} FROM stockprice_indicator WHERE company_id = $1 AND date >= $2 AND date <= $3 ORDER BY date",
        columns.join(", ")
    );
    let values: [Value; 3] = [company.as_str().into(), days.from.into(), days.to.into()];
    for row in view.all(&sql, values).await? {
        take(&mut averages, &row)?;
    }
    Ok(averages)
}

fn take(averages: &mut Averages, row: &QueryResult) -> Result<(), DbError> {
    averages.dates.push(row.try_get_by_index(0)?);
    for (index, (_, values)) in averages.columns.iter_mut().enumerate() {
        values.push(row.try_get_by_index(index + 1)?);
    }
    Ok(())
}

/// An element of a session's row, as the tables of the two databases keep it.
pub(super) fn element(dialect: Dialect, position: i32) -> String {
    match dialect {
        Dialect::Postgres => format!("v[{position}]"),
        Dialect::Sqlite => format!("v{position}"),
    }
}
