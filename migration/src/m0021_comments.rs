//! Comments that were missing or had become untrue. The table in which the migrations are noted says what it is; whoever
//! makes it gives it none. SQLite has none beside the definition of a table, which a file that exists keeps.

use sea_orm_migration::prelude::*;

use crate::table::comment;

#[derive(DeriveMigrationName)]
pub struct Migration;

const REJECTED: &str = "rows of the answers that were not loaded; quarantine has each of them once";
const COLUMNS: [(&str, &str); 6] = [
    ("seaql_migrations.version", "name of the migration"),
    ("seaql_migrations.applied_at", "when it was applied, in seconds since 1970 UTC"),
    ("run.rows_rejected", REJECTED),
    ("task.rows_rejected", REJECTED),
    ("backfill_item.rows_rejected", REJECTED),
    (
        "stockprice_quarantine.decided_by",
        "who decided: the name of a token, local, or cli:USER; rule:holiday of rows without trades on a holiday",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        comment(manager, "TABLE", "seaql_migrations", "The migrations that made this schema, one row each").await?;
        for (column, text) in COLUMNS {
            comment(manager, "COLUMN", column, text).await?;
        }
        Ok(())
    }

    /// Comments hurt nobody.
    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
