//! Tables as hypertables of TimescaleDB: partitions it makes by itself, and compresses when they are old.
//!
//! The statements are a file of their own, which is also tried without a server: `tests/timescaledb/run`.

use sea_orm::{ConnectionTrait as _, DbErr};

use super::{
    PartitionError, Ranged, State,
    catalogue::state,
    locked::{lock, texts},
};
use crate::db::{Database, Transaction, execute, one};

const STATEMENTS: &str = include_str!("hypertable.sql");

/// Begins the transaction in which [`hypertables`] are made: the extension is there, and the tables are locked as for
/// any other rebuilding.
///
/// # Errors
/// What the database says, and that its server does not have the extension.
pub async fn lock_for_hypertables(
    database: &Database,
    tables: &[Ranged],
    gate: &str,
) -> Result<Transaction, PartitionError> {
    let available = "SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'";
    if one(database.connection(), available, []).await?.is_none() {
        return Err(PartitionError::Refused(
            "the server has no extension timescaledb: install its package there, name it in shared_preload_libraries \
             and start the server again"
                .to_owned(),
        ));
    }
    database.connection().execute_unprepared("CREATE EXTENSION IF NOT EXISTS timescaledb").await?;
    lock(database, tables, gate).await
}

/// Makes those of the tables hypertables that are not, a chunk for each year; gives their names. With `days`, chunks
/// that are older are compressed, by the column `segment`.
///
/// # Errors
/// What the database says, and tables that are partitioned otherwise.
pub async fn hypertables(
    transaction: &Transaction,
    tables: &[Ranged],
    segment: &str,
    days: Option<u16>,
) -> Result<Vec<&'static str>, PartitionError> {
    let mut made = Vec::new();
    for ranged in tables {
        if state(transaction, ranged).await? != State::Plain {
            let why = format!("{} is partitioned already: unpartition it first", ranged.table);
            return Err(PartitionError::Refused(why));
        }
        if !is_hypertable(transaction, ranged).await? {
            for statement in statements(ranged, segment, days) {
                execute(transaction, &statement, []).await?;
            }
            made.push(ranged.table);
        }
    }
    Ok(made)
}

async fn is_hypertable(transaction: &Transaction, ranged: &Ranged) -> Result<bool, DbErr> {
    let sql = "SELECT hypertable_name::text FROM timescaledb_information.hypertables \
               WHERE to_regclass(format('%I.%I', hypertable_schema, hypertable_name)) = to_regclass($1)";
    Ok(!texts(transaction, sql, ranged.table).await?.is_empty())
}

fn statements(ranged: &Ranged, segment: &str, days: Option<u16>) -> Vec<String> {
    let wanted = if days.is_some() { usize::MAX } else { 1 };
    let fill = |line: &str| {
        line.trim_end_matches(';')
            .replace("{table}", ranged.table)
            .replace("{column}", ranged.column)
            .replace("{segment}", segment)
            .replace("{days}", &days.unwrap_or_default().to_string())
    };
    STATEMENTS.lines().take(wanted).map(fill).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compression_is_only_asked_for_where_it_is_wanted() {
        let ranged = Ranged { table: "t", column: "day" };
        let all = statements(&ranged, "who", Some(730));
        assert_eq!(all.len(), 3);
        assert!(all.iter().all(|statement| !statement.contains(['{', '}', ';'])), "{all:?}");
        assert!(all[2].contains("'730 days'"), "{all:?}");
        assert_eq!(statements(&ranged, "who", None), all[..1]);
    }
}
