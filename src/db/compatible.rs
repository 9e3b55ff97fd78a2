//! Whether this program may work with the schema that is there.
//!
//! Migrations only add, so that a program works beside those of the next version. One that takes something away names,
//! in `schema_compatibility`, the oldest migration a program must know to go on.

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait, DbErr};

use super::{Dialect, one};

/// # Errors
/// When the schema is too new for this program; what the database says.
pub async fn compatible(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let table = match Dialect::of(connection) {
        Dialect::Postgres => "SELECT 1 WHERE to_regclass('schema_compatibility') IS NOT NULL",
        Dialect::Sqlite => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_compatibility'",
    };
    if one(connection, table, []).await?.is_none() {
        return Ok(());
    }
    let row = one(connection, "SELECT oldest_migration FROM schema_compatibility", []).await?;
    let Some(oldest) = row.map(|row| row.try_get::<String>("", "oldest_migration")).transpose()? else {
        return Ok(());
    };
    if Migrator::migrations().iter().any(|migration| migration.name() == oldest) {
        return Ok(());
    }
    Err(DbErr::Migration(format!(
        "the tables are too new for this version: they are for programs that know {oldest}; install a newer version, or \
         restore a backup made before the upgrade"
    )))
}
