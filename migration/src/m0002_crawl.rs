//! What is remembered about each source.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Table, Type as T, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        source_state().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["source_state"]).await
    }
}

fn source_state() -> Table {
    Table {
        name: "source_state",
        comment: "Pace and breaker of each source, held over all replicas and restarts",
        columns: vec![
            C("source", T::Varchar(32), "NOT NULL", "name of the source"),
            C("next_request_at", T::Instant, "NOT NULL", "no request before this instant, by the database's clock"),
            C("closed_until", T::Instant, "", "the breaker is open until then: no request at all"),
            C("reason", T::Text, "NOT NULL DEFAULT ''", "why the breaker opened"),
            C("failures", T::Int, "NOT NULL DEFAULT 0", "failed requests in a row"),
            C("updated_at", T::Instant, "NOT NULL", "when this row was last written"),
        ],
        constraints: &["PRIMARY KEY (source)"],
        indexes: &[],
    }
}
