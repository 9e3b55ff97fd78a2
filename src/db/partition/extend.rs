//! Partitions for the years that come, made before they are needed; and for years that came otherwise, out of the
//! default partition.

use chrono::NaiveDate;
use sea_orm::DbErr;

use super::{
    Range, Ranged, State,
    catalogue::{days, state},
    locked::is_busy,
    make::{attach, child, storage},
};
use crate::db::{Connection, Database, Transaction, execute, migrate::LOCK, one};

/// Others wait behind this no longer for a lock that somebody keeps; the next look does it then.
const PATIENCE: &str = "SET LOCAL lock_timeout = '2s'";
/// Days before are slips of somebody's pen, for which no partition is made.
const EARLIEST: NaiveDate = match NaiveDate::from_ymd_opt(1800, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// What a table lacks.
struct Lack {
    ranged: Ranged,
    default: Option<String>,
    ranges: Vec<Range>,
}

/// Makes the partitions that the tables lack up to the day `last`, and those for rows of years that have none. Gives
/// the names of the new ones. Any number of processes may call it at once: one of them does it.
///
/// # Errors
/// What the database says; then nothing was changed.
pub async fn extend(database: &Database, tables: &[Ranged], last: NaiveDate) -> Result<Vec<String>, DbErr> {
    if lacks(database.connection(), tables, last).await?.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = database.begin().await?;
    let sql = format!("SELECT pg_try_advisory_xact_lock({LOCK})");
    let alone = one(&transaction, &sql, []).await?.map_or(Ok(false), |row| row.try_get_by_index(0))?;
    if !alone {
        return Ok(Vec::new());
    }
    execute(&transaction, PATIENCE, []).await?;
    match fill(&transaction, tables, last).await {
        Ok(made) => transaction.commit().await.map(|()| made),
        Err(error) if is_busy(&error) => {
            tracing::debug!(%error, "no time for new partitions: the next look makes them");
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

async fn lacks(connection: &impl Connection, tables: &[Ranged], last: NaiveDate) -> Result<Vec<Lack>, DbErr> {
    let mut lacks = Vec::new();
    for ranged in tables {
        let State::Ranges { span, partitions, default } = state(connection, ranged).await? else { continue };
        let Some(oldest) = partitions.first() else { continue };
        let mut from = oldest.range.from;
        if let Some(default) = &default
            && let Some((first_row, _)) = days(connection, default, ranged.column).await?
        {
            from = from.min(first_row.max(EARLIEST));
        }
        let there = |range: &Range| partitions.iter().any(|partition| partition.range == *range);
        let ranges: Vec<Range> = span.over(from, last).into_iter().filter(|range| !there(range)).collect();
        if !ranges.is_empty() {
            lacks.push(Lack { ranged: *ranged, default, ranges });
        }
    }
    Ok(lacks)
}

async fn fill(transaction: &Transaction, tables: &[Ranged], last: NaiveDate) -> Result<Vec<String>, DbErr> {
    let mut made = Vec::new();
    // Read anew: another process may have been here before.
    for Lack { ranged, default, ranges } in lacks(transaction, tables, last).await? {
        let model = default.as_deref().unwrap_or(ranged.table);
        let storage = storage(transaction, model).await?;
        if let Some(default) = &default {
            execute(transaction, &format!("LOCK TABLE {default} IN ACCESS EXCLUSIVE MODE"), []).await?;
        }
        for range in ranges {
            let name = child(transaction, &ranged, Some(range), &storage).await?;
            if let Some(default) = &default {
                let (column, Range { from, to }) = (ranged.column, range);
                let sql = format!(
                    "WITH moved AS (DELETE FROM {default} WHERE {column} >= '{from}' AND {column} < '{to}' RETURNING *) \
                     INSERT INTO {name} SELECT * FROM moved"
                );
                execute(transaction, &sql, []).await?;
            }
            attach(transaction, &ranged, Some(range), &name).await?;
            made.push(name);
        }
    }
    Ok(made)
}
