//! The tables that grow with companies and years, and how they are kept.

use chrono::NaiveDate;

use crate::db::{
    Connection, Database, DbError,
    partition::{self, Ranged, State},
};

/// The tables of bars and of moving averages, in the order in which they are written.
pub const TABLES: [Ranged; 2] =
    [Ranged { table: "stockprice", column: "date" }, Ranged { table: "stockprice_indicator", column: "date" }];

/// Whoever writes them has locked a row of this one before.
pub const GATE: &str = "stockprice_series";

/// How each of them is kept.
///
/// # Errors
/// What the database says.
pub async fn states(connection: &impl Connection) -> Result<Vec<(&'static str, State)>, DbError> {
    let mut states = Vec::new();
    for ranged in &TABLES {
        states.push((ranged.table, partition::state(connection, ranged).await?));
    }
    Ok(states)
}

/// The rows of each of them by calendar year: reads all.
///
/// # Errors
/// What the database says.
pub async fn counts(connection: &impl Connection) -> Result<Vec<(&'static str, Vec<(i32, u64)>)>, DbError> {
    let mut counts = Vec::new();
    for ranged in &TABLES {
        counts.push((ranged.table, partition::count(connection, ranged).await?));
    }
    Ok(counts)
}

/// The bytes of both with their keys.
///
/// # Errors
/// What the database says.
pub async fn bytes(connection: &impl Connection) -> Result<u64, DbError> {
    let mut bytes = 0;
    for ranged in &TABLES {
        bytes += partition::bytes(connection, ranged).await?;
    }
    Ok(bytes)
}

/// Makes the partitions that are needed up to a day, where the tables are partitioned; their names.
///
/// # Errors
/// What the database says.
pub async fn extend(database: &Database, last: NaiveDate) -> Result<Vec<String>, DbError> {
    let made = partition::extend(database, &TABLES, last).await?;
    if !made.is_empty() {
        partition::analyze(database, &TABLES).await?;
    }
    Ok(made)
}
