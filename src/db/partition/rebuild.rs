//! Plain tables become partitioned ones, and back: a new table beside the old one, the rows copied in the order of the
//! key, and what hangs on the old one hung on the new one. All of it in the transaction of [`lock`](super::lock).

use chrono::NaiveDate;
use sea_orm::DbErr;

use super::{
    PartitionError, Range, Ranged, Span, State,
    carried::Carried,
    catalogue::{days, state},
    make::{attach, child},
};
use crate::db::{Database, Transaction, execute};

/// A table that was rebuilt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    pub table: &'static str,
    pub rows: u64,
    /// None: it is plain now.
    pub ranges: Vec<Range>,
}

/// Partitions those of the tables that are plain: the days from `first` to `last`, those of the rows there are, and a
/// partition for whatever else may come.
///
/// # Errors
/// What the database says, what cannot be carried, and partitions that are others than those asked for.
pub async fn partition(
    transaction: &Transaction,
    tables: &[Ranged],
    span: Span,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<Rebuilt>, PartitionError> {
    let mut wanted = Vec::new();
    for ranged in tables {
        match state(transaction, ranged).await? {
            State::Plain => {
                let rows = days(transaction, ranged.table, ranged.column).await?;
                let (oldest, newest) = rows.unwrap_or((first, last));
                wanted.push((*ranged, span.over(first.min(oldest), last.max(newest))));
            }
            State::Ranges { span: there, .. } if there == span => {}
            State::Ranges { span: there, .. } => return Err(other(ranged, there.as_str())),
            State::Other(there) => return Err(other(ranged, &there)),
        }
    }
    rebuild(transaction, wanted).await
}

fn other(ranged: &Ranged, there: &str) -> PartitionError {
    PartitionError::Refused(format!("{} is partitioned by {there} already: unpartition it first", ranged.table))
}

/// Makes those of the tables plain that are partitioned.
///
/// # Errors
/// What the database says, and what cannot be carried.
pub async fn unpartition(transaction: &Transaction, tables: &[Ranged]) -> Result<Vec<Rebuilt>, PartitionError> {
    let mut wanted = Vec::new();
    for ranged in tables {
        if state(transaction, ranged).await? != State::Plain {
            wanted.push((*ranged, Vec::new()));
        }
    }
    rebuild(transaction, wanted).await
}

async fn rebuild(transaction: &Transaction, wanted: Vec<(Ranged, Vec<Range>)>) -> Result<Vec<Rebuilt>, PartitionError> {
    // A view may read several of the tables: what it says is read before any of them changes.
    let mut works = Vec::new();
    for (ranged, ranges) in wanted {
        works.push((Carried::of(transaction, &ranged).await?, ranged, ranges));
    }
    let mut done = Vec::new();
    for (carried, ranged, ranges) in &works {
        let table = ranged.table;
        execute(transaction, &format!("ALTER TABLE {table} RENAME TO {}", before(table)), []).await?;
        make(transaction, ranged, ranges, carried).await?;
        let order = carried.order.as_ref().map(|order| format!(" ORDER BY {order}")).unwrap_or_default();
        let copy = format!("INSERT INTO {table} SELECT * FROM {}{order}", before(table));
        done.push(Rebuilt { table, rows: execute(transaction, &copy, []).await?, ranges: ranges.clone() });
    }
    for (carried, ..) in &works {
        carried.turn_views(transaction).await?;
    }
    for (carried, ranged, _) in &works {
        execute(transaction, &format!("DROP TABLE {}", before(ranged.table)), []).await?;
        carried.put(transaction).await?;
    }
    Ok(done)
}

fn before(table: &str) -> String {
    format!("{table}_before")
}

/// The new table, without keys: they are made when the rows are there, which is quicker.
async fn make(transaction: &Transaction, ranged: &Ranged, ranges: &[Range], carried: &Carried) -> Result<(), DbErr> {
    let Ranged { table, column } = ranged;
    let like = format!("CREATE TABLE {table} (LIKE {} INCLUDING ALL EXCLUDING INDEXES)", before(table));
    if ranges.is_empty() {
        let with = carried.storage.parameters.as_ref().map(|it| format!(" WITH ({it})")).unwrap_or_default();
        return execute(transaction, &format!("{like}{with}"), []).await.map(drop);
    }
    execute(transaction, &format!("{like} PARTITION BY RANGE ({column})"), []).await?;
    for range in ranges.iter().copied().map(Some).chain([None]) {
        let name = child(transaction, ranged, range, &carried.storage).await?;
        attach(transaction, ranged, range, &name).await?;
    }
    Ok(())
}

/// Counts the tables anew for the planner, which nobody else does for a partitioned table.
///
/// # Errors
/// What the database says.
pub async fn analyze(database: &Database, tables: &[Ranged]) -> Result<(), DbErr> {
    for Ranged { table, .. } in tables {
        execute(database.connection(), &format!("ANALYZE {table}"), []).await?;
    }
    Ok(())
}
