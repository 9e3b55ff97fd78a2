//! What runs said while they went on.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Table, Type as T, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_log().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["run_log"]).await
    }
}

fn run_log() -> Table {
    Table {
        name: "run_log",
        comment: "The log lines of each run, at most about 6000 of them; they go with the run",
        columns: vec![
            C("run_id", T::Varchar(36), "NOT NULL", "the run"),
            C("seq", T::BigInt, "NOT NULL", "the order of the lines within the run, from 1"),
            C("at", T::Instant, "NOT NULL", "when the line was said, by the clock of the process that said it"),
            C("level", T::Varchar(8), "NOT NULL", "error, warn, info"),
            C("target", T::Text, "NOT NULL", "the module that said it"),
            C("task_key", T::Text, "", "the task it was said in; null: the run as a whole"),
            C("message", T::Text, "NOT NULL", "what was said, cut at 4 KiB"),
            C("fields", T::Text, "NOT NULL", "JSON: the values that were said with it"),
        ],
        constraints: &["PRIMARY KEY (run_id, seq)", "FOREIGN KEY (run_id) REFERENCES run (id) ON DELETE CASCADE"],
        indexes: &[],
    }
}
