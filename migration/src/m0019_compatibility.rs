//! Which programs may work with this schema, for the day on which a migration takes something away.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Table, Type as T, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table {
            name: "schema_compatibility",
            comment: "One row: which versions of the program may work with this schema",
            columns: vec![
                C("id", T::Int, "NOT NULL", "always 1"),
                C("oldest_migration", T::Varchar(64), "NOT NULL", "a program that does not know it refuses to start"),
            ],
            constraints: &["PRIMARY KEY (id)"],
            indexes: &[],
        };
        table.create(manager).await?;
        let row = "INSERT INTO schema_compatibility (id, oldest_migration) VALUES (1, 'm0001_scheduler')";
        manager.get_connection().execute_unprepared(row).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["schema_compatibility"]).await
    }
}
