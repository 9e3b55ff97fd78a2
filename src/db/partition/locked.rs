//! The transaction in which tables are rebuilt: alone among those who migrate, and with every lock it will need.
//!
//! A lock that was taken only at the end, when the rows have been copied, could make a deadlock with somebody who waits
//! for the first one, and the copy would be lost. So all are taken at once, with little patience: while this waits,
//! everybody else waits behind it. First comes the gate, the table that every writer writes before all others: who is
//! within ends in peace, who comes holds nothing yet.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, RuntimeErr};

use super::{PartitionError, Ranged};
use crate::db::{Database, Transaction, all, execute, migrate::LOCK};

/// How long others wait behind this for a lock that somebody keeps, and how often it is tried.
const PATIENCE: &str = "SET LOCAL lock_timeout = '3s'";
const TRIES: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(500);

/// Begins it, with the gate locked against writers, and the tables, their views, and the tables they refer to against
/// everybody.
///
/// # Errors
/// What the database says, and that somebody else kept a lock for a minute.
pub async fn lock(database: &Database, tables: &[Ranged], gate: &str) -> Result<Transaction, PartitionError> {
    for _ in 0..TRIES {
        let transaction = database.begin().await?;
        execute(&transaction, &format!("SELECT pg_advisory_xact_lock({LOCK})"), []).await?;
        execute(&transaction, PATIENCE, []).await?;
        match take(&transaction, tables, gate).await {
            Ok(()) => return Ok(transaction),
            Err(error) if is_busy(&error) => drop(transaction),
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(BETWEEN).await;
    }
    let busy = "somebody reads or writes the tables all the time and keeps their locks: try again when that has ended";
    Err(PartitionError::Refused(busy.to_owned()))
}

async fn take(transaction: &Transaction, tables: &[Ranged], gate: &str) -> Result<(), DbErr> {
    execute(transaction, &format!("LOCK TABLE {gate} IN EXCLUSIVE MODE"), []).await?;
    let names = names(transaction, tables).await?.join(", ");
    execute(transaction, &format!("LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"), []).await.map(drop)
}

/// Views first: whoever reads one holds it while he waits for its tables.
async fn names(transaction: &Transaction, tables: &[Ranged]) -> Result<Vec<String>, DbErr> {
    let views = "SELECT DISTINCT r.ev_class::regclass::text FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid \
                 JOIN pg_class c ON c.oid = r.ev_class WHERE d.classid = 'pg_rewrite'::regclass \
                 AND d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass($1) AND c.relkind = 'v' ORDER BY 1";
    let referred = "SELECT DISTINCT confrelid::regclass::text FROM pg_constraint \
                    WHERE conrelid = to_regclass($1) AND contype = 'f' ORDER BY 1";
    let mut names = Vec::new();
    for Ranged { table, .. } in tables {
        names.extend(texts(transaction, views, table).await?);
    }
    for Ranged { table, .. } in tables {
        names.push((*table).to_owned());
        names.extend(texts(transaction, referred, table).await?);
    }
    Ok(names)
}

/// The first column of a question about a table.
pub(super) async fn texts(connection: &impl ConnectionTrait, sql: &str, table: &str) -> Result<Vec<String>, DbErr> {
    all(connection, sql, [table.into()]).await?.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// The lock was not to be had in time, or only by a deadlock.
pub(super) fn is_busy(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return false;
    };
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == "55P03" || code == "40P01")
}
