//! Who changed what.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Table, Type as T, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        audit().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["audit"]).await
    }
}

/// No foreign keys: a row outlives the run or company it tells of.
fn audit() -> Table {
    Table {
        name: "audit",
        comment: "Every change somebody made over HTTP or from the command line, written in the transaction of the change; \
                  kept for a year",
        columns: vec![
            C("id", T::Varchar(36), "NOT NULL", "UUIDv7: sorts by creation"),
            C("at", T::Instant, "NOT NULL", "when, by the database's clock"),
            C("actor", T::Varchar(128), "NOT NULL", "the token's name; local without tokens; cli:USER"),
            C("via", T::Varchar(8), "NOT NULL", "http, cli or config"),
            C("action", T::Varchar(64), "NOT NULL", "what was done: job.pause, run.cancel, company.register, ..."),
            C("subject", T::Varchar(128), "NOT NULL", "to what: a job, a run's id, a stock code"),
            C("before", T::Text, "", "JSON: the members that changed, as they were; null: there was nothing"),
            C("after", T::Text, "", "JSON: the members that changed, as they are; null: there is nothing"),
            C("request_id", T::Varchar(64), "", "the request's id, as in the log; null from the command line"),
            C("note", T::Text, "NOT NULL DEFAULT ''", "what the caller or the command said about it"),
        ],
        constraints: &["PRIMARY KEY (id)"],
        indexes: &[
            "CREATE INDEX audit_at ON audit (at)",
            "CREATE INDEX audit_subject ON audit (subject, id)",
            "CREATE INDEX audit_actor ON audit (actor, id)",
        ],
    }
}
