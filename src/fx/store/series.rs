//! What is known about the rates of a source. Its row is the lock of their writers.

use chrono::NaiveDate;
use sea_orm::QueryResult;

use crate::{
    db::{Connection, DbError, Dialect, execute, one},
    fx::rate::Days,
};

/// The state of a source's rates; empty before the first load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// The days the source has answered for, without a gap.
    pub covered: Option<Days>,
    /// Grows with every change of a rate.
    pub version: i64,
}

const COLUMNS: &str = "covered_from, covered_to, version";

/// The state; an empty one when nothing was ever loaded.
///
/// # Errors
/// What the database says.
pub async fn find(connection: &impl Connection, source: &str) -> Result<Series, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM fx_series WHERE source = $1");
    one(connection, &sql, [source.into()]).await?.as_ref().map_or_else(|| Ok(Series::default()), series)
}

/// Reads the state and holds off other writers until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn lock(connection: &impl Connection, source: &str) -> Result<Series, DbError> {
    let dialect = Dialect::of(connection);
    let now = dialect.now();
    let sql = format!("INSERT INTO fx_series (source, updated_at) VALUES ($1, {now}) ON CONFLICT (source) DO NOTHING");
    execute(connection, &sql, [source.into()]).await?;
    let sql = format!("SELECT {COLUMNS} FROM fx_series WHERE source = $1 {}", dialect.for_update());
    one(connection, &sql, [source.into()]).await?.as_ref().map_or_else(|| Ok(Series::default()), series)
}

/// Writes the state down.
///
/// # Errors
/// What the database says.
pub async fn save(connection: &impl Connection, source: &str, series: &Series) -> Result<(), DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE fx_series SET covered_from = $2, covered_to = $3, version = $4, updated_at = {now} WHERE source = $1"
    );
    let values = [
        source.into(),
        series.covered.map(|days| days.from).into(),
        series.covered.map(|days| days.to).into(),
        series.version.into(),
    ];
    execute(connection, &sql, values).await.map(drop)
}

fn series(row: &QueryResult) -> Result<Series, DbError> {
    let (from, to): (Option<NaiveDate>, Option<NaiveDate>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(Series { covered: from.zip(to).map(|(from, to)| Days { from, to }), version: row.try_get_by_index(2)? })
}
