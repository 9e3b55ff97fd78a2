//! What the database knows of a table's partitions and rows.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbErr};

use super::{Range, Ranged, Span};
use crate::db::{all, one};

/// How a table is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// In one piece.
    Plain,
    Ranges {
        span: Span,
        /// Ascending.
        partitions: Vec<Partition>,
        /// Where rows go that belong into none of them.
        default: Option<String>,
    },
    /// In partitions that are not ours; the words of the database.
    Other(String),
}

/// A partition and its days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    pub name: String,
    pub range: Range,
}

/// How a table is kept at this moment.
///
/// # Errors
/// What the database says; also when there is no such table.
pub async fn state(connection: &impl ConnectionTrait, ranged: &Ranged) -> Result<State, DbErr> {
    let sql = "SELECT c.relkind::text, COALESCE(pg_get_partkeydef(c.oid), '') FROM pg_class c \
               WHERE c.oid = to_regclass($1)";
    let row = one(connection, sql, [ranged.table.into()]).await?;
    let Some(row) = row else { return Err(DbErr::RecordNotFound(format!("there is no table {}", ranged.table))) };
    let (kind, key): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    if kind != "p" {
        return Ok(State::Plain);
    }
    if key != format!("RANGE ({})", ranged.column) {
        return Ok(State::Other(key));
    }
    ranges(connection, ranged, key).await
}

async fn ranges(connection: &impl ConnectionTrait, ranged: &Ranged, key: String) -> Result<State, DbErr> {
    let sql = "SELECT c.relname::text, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i \
               JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass($1)";
    let (mut partitions, mut default) = (Vec::new(), None);
    for row in all(connection, sql, [ranged.table.into()]).await? {
        let (name, bound): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        match Range::parse(&bound) {
            Some(range) => partitions.push(Partition { name, range }),
            None if bound == "DEFAULT" => default = Some(name),
            None => return Ok(State::Other(format!("{key}, {name} {bound}"))),
        }
    }
    partitions.sort_by_key(|partition| partition.range);
    let span = partitions.last().and_then(|newest| newest.range.span());
    Ok(match span {
        Some(span) => State::Ranges { span, partitions, default },
        None => State::Other(key),
    })
}

/// The rows of each calendar year, ascending: reads the whole table.
///
/// # Errors
/// What the database says.
pub async fn count(connection: &impl ConnectionTrait, ranged: &Ranged) -> Result<Vec<(i32, u64)>, DbErr> {
    let Ranged { table, column } = ranged;
    let sql =
        format!("SELECT extract(year FROM {column})::integer AS year, count(*) FROM {table} GROUP BY 1 ORDER BY 1");
    let rows = all(connection, &sql, []).await?;
    let count = |rows: i64| u64::try_from(rows).unwrap_or(0);
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, count(row.try_get_by_index(1)?)))).collect()
}

/// The bytes of a table with its keys and partitions, by the database's own count.
///
/// # Errors
/// What the database says.
pub async fn bytes(connection: &impl ConnectionTrait, ranged: &Ranged) -> Result<u64, DbErr> {
    let sql = "SELECT COALESCE(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c \
               WHERE c.oid = to_regclass($1) OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass($1))";
    let bytes: i64 = one(connection, sql, [ranged.table.into()]).await?.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u64::try_from(bytes).unwrap_or(0))
}

/// The first and the last day of a table's rows.
pub(super) async fn days(
    connection: &impl ConnectionTrait,
    table: &str,
    column: &str,
) -> Result<Option<(NaiveDate, NaiveDate)>, DbErr> {
    let row = one(connection, &format!("SELECT min({column}), max({column}) FROM {table}"), []).await?;
    let Some(row) = row else { return Ok(None) };
    let days: (Option<NaiveDate>, Option<NaiveDate>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(days.0.zip(days.1))
}
