//! The table in which the migrations are noted says what it is; whoever makes it gives it no comments. SQLite has none
//! beside the definition, which is not ours.

use sea_orm_migration::prelude::*;

use crate::table::comment;

#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [(&str, &str); 2] =
    [("version", "name of the migration"), ("applied_at", "when it was applied, in seconds since 1970 UTC")];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        comment(manager, "TABLE", "seaql_migrations", "The migrations that made this schema, one row each").await?;
        for (column, text) in COLUMNS {
            comment(manager, "COLUMN", &format!("seaql_migrations.{column}"), text).await?;
        }
        Ok(())
    }

    /// Comments hurt nobody.
    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
