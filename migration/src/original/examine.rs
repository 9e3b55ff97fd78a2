//! What stands in a database where tables of ours belong. Looks, and changes nothing.

use std::{collections::BTreeMap, fmt};

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::{
    AVERAGES_KEPT,
    columns::{COMPANY, STOCKPRICE, STOCKPRICE_MA, differences},
    is_there, number, rows,
    rows::{of_averages, of_bars, of_companies},
};
use crate::tables::TABLES;

/// The migration that makes, or takes over, the original's tables.
const STOCK: &str = "m0003_stock";

/// What stands where migrations that are not applied yet would make their tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing: they can be applied.
    Nothing,
    /// The original's tables: they are taken over.
    Original(Contents),
    /// Something else; each sentence says what, and what to do about it.
    InTheWay(Vec<String>),
}

/// What the original's database holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Alembic's, where it made the tables.
    pub revision: Option<String>,
    pub companies: i64,
    pub bars: i64,
    /// None where there is no table of them, as before Alembic.
    pub averages: Option<i64>,
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the original's database")?;
        if let Some(revision) = &self.revision {
            write!(f, " (Alembic's revision {revision})")?;
        }
        write!(f, " with {} companies, {} bars", self.companies, self.bars)?;
        match self.averages {
            Some(averages) => write!(f, " and {averages} moving averages"),
            None => write!(f, " and no moving averages"),
        }
    }
}

/// Looks at what stands where tables belong that are still to be made.
///
/// # Errors
/// What the database says.
pub async fn examine(connection: &impl ConnectionTrait) -> Result<Found, DbErr> {
    let there = relations(connection).await?;
    let applied = applied(connection, &there).await?;
    let pending = TABLES.iter().filter(|(migration, _)| !applied.iter().any(|name| name == migration));
    let in_the_way: Vec<(&str, &str)> = pending
        .flat_map(|(migration, tables)| tables.iter().map(move |table| (*migration, *table)))
        .filter(|(_, table)| there.contains_key(*table))
        .collect();
    if in_the_way.is_empty() {
        return Ok(Found::Nothing);
    }
    let of_original = |table: &str| [&COMPANY, &STOCKPRICE, &STOCKPRICE_MA].iter().any(|known| known.name == table);
    let foreign = |table: &str| {
        format!(
            "there is a {} {table} that data-infrastructure did not make: rename it, or give another database.url",
            kind(&there, table)
        )
    };
    if connection.get_database_backend() != DbBackend::Postgres {
        let mut problems: Vec<String> = in_the_way.iter().map(|(_, table)| foreign(table)).collect();
        if in_the_way.iter().any(|(_, table)| of_original(table)) {
            problems.push("the original's tables are taken over in PostgreSQL only, where it kept them".to_owned());
        }
        return Ok(Found::InTheWay(problems));
    }
    let mut problems: Vec<String> = Vec::new();
    for (migration, table) in &in_the_way {
        let taken_over = *migration == STOCK && of_original(table) && kind(&there, table) == "table";
        if !taken_over {
            problems.push(foreign(table));
        }
    }
    if problems.is_empty() {
        problems = obstacles(connection, &there).await?;
    }
    if problems.is_empty() {
        Ok(Found::Original(contents(connection, &there).await?))
    } else {
        Ok(Found::InTheWay(problems))
    }
}

/// Why the original's tables cannot be taken over, if there is a reason.
async fn obstacles(connection: &impl ConnectionTrait, there: &Relations) -> Result<Vec<String>, DbErr> {
    let mut problems = Vec::new();
    for expected in [&COMPANY, &STOCKPRICE] {
        if !there.contains_key(expected.name) {
            problems.push(format!("of the original's tables {} is missing, and others are there", expected.name));
        }
    }
    if !problems.is_empty() {
        return Ok(problems);
    }
    let averages = there.contains_key(STOCKPRICE_MA.name);
    if averages && is_there(connection, AVERAGES_KEPT).await? {
        problems.push(format!(
            "{AVERAGES_KEPT} is there, and stockprice_ma is to be kept under this name: rename or drop it"
        ));
    }
    for expected in [&COMPANY, &STOCKPRICE, &STOCKPRICE_MA].iter().take(if averages { 3 } else { 2 }) {
        problems.extend(differences(connection, expected).await?);
    }
    if problems.is_empty() {
        problems.extend(of_companies(connection).await?);
        problems.extend(of_bars(connection).await?);
        if averages {
            problems.extend(of_averages(connection).await?);
        }
    }
    Ok(problems)
}

async fn contents(connection: &impl ConnectionTrait, there: &Relations) -> Result<Contents, DbErr> {
    let revision = if there.contains_key("alembic_version") {
        let found = rows(connection, "SELECT string_agg(version_num::text, ', ') FROM alembic_version").await?;
        found.first().map_or(Ok(None), |row| row.try_get_by_index(0))?
    } else {
        None
    };
    let averages = if there.contains_key(STOCKPRICE_MA.name) {
        Some(number(connection, "SELECT count(*) FROM stockprice_ma").await?)
    } else {
        None
    };
    Ok(Contents {
        revision,
        companies: number(connection, "SELECT count(*) FROM company").await?,
        bars: number(connection, "SELECT count(*) FROM stockprice").await?,
        averages,
    })
}

/// The tables and views there are, with their kinds.
type Relations = BTreeMap<String, String>;

async fn relations(connection: &impl ConnectionTrait) -> Result<Relations, DbErr> {
    let sql = if connection.get_database_backend() == DbBackend::Postgres {
        "SELECT relname::text, CASE relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' \
         WHEN 'f' THEN 'foreign table' ELSE 'view' END \
         FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')"
    } else {
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"
    };
    let found = rows(connection, sql).await?;
    found.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

fn kind<'a>(there: &'a Relations, table: &str) -> &'a str {
    there.get(table).map_or("table", String::as_str)
}

async fn applied(connection: &impl ConnectionTrait, there: &Relations) -> Result<Vec<String>, DbErr> {
    if !there.contains_key("seaql_migrations") {
        return Ok(Vec::new());
    }
    let found = rows(connection, "SELECT version FROM seaql_migrations").await?;
    found.iter().map(|row| row.try_get_by_index(0)).collect()
}
