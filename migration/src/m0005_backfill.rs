//! Backfills and their items.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Table, Type as T, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [backfill(), backfill_item()] {
            table.create(manager).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["backfill_item", "backfill"]).await
    }
}

fn backfill() -> Table {
    Table {
        name: "backfill",
        comment: "Many keys of a job worked off behind every other run of it; final states never change",
        columns: vec![
            C("id", T::Varchar(36), "NOT NULL", "UUIDv7: sorts by creation"),
            C("job", T::Varchar(64), "NOT NULL", "name of the job"),
            C(
                "state",
                T::Varchar(16),
                "NOT NULL",
                "running, paused, cancelling; final: succeeded, partial, failed, cancelled",
            ),
            C("mode", T::Varchar(16), "NOT NULL", "which keys: missing, failed, all"),
            C("params", T::Text, "NOT NULL", "JSON as in run: from, to, companies as asked for, mode of the runs"),
            C("max_parallel", T::Int, "NOT NULL", "items at once"),
            C("note", T::Text, "NOT NULL DEFAULT ''", "free text of whoever asked for it"),
            C("retry_of", T::Varchar(36), "", "the backfill whose failed items this one repeats"),
            C("run_id", T::Varchar(36), "", "the run its items are in; null between two of them and at the end"),
            C("created_at", T::Instant, "NOT NULL", "when it was asked for"),
            C("finished_at", T::Instant, "", "when it reached its final state"),
            C("error", T::Text, "", "why it did not succeed"),
        ],
        constraints: &["PRIMARY KEY (id)"],
        indexes: &[
            "CREATE INDEX backfill_job ON backfill (job, id)",
            "CREATE INDEX backfill_live ON backfill (id) WHERE state IN ('running', 'paused', 'cancelling')",
            "CREATE INDEX backfill_run ON backfill (run_id) WHERE run_id IS NOT NULL",
        ],
    }
}

fn backfill_item() -> Table {
    Table {
        name: "backfill_item",
        comment: "One key of a backfill and what became of it",
        columns: vec![
            C("backfill_id", T::Varchar(36), "NOT NULL", "the backfill"),
            C("key", T::Varchar(64), "NOT NULL", "what it is about: a stock code"),
            C("position", T::Int, "NOT NULL", "the order of working"),
            C("state", T::Varchar(16), "NOT NULL", "pending, running, succeeded, failed, skipped, cancelled"),
            C("run_id", T::Varchar(36), "", "the run whose task it is; kept when the run's row is purged"),
            C("rows_fetched", T::BigInt, "NOT NULL DEFAULT 0", "rows the source gave"),
            C("rows_inserted", T::BigInt, "NOT NULL DEFAULT 0", "rows new in the table"),
            C("rows_updated", T::BigInt, "NOT NULL DEFAULT 0", "rows whose values differed"),
            C("rows_unchanged", T::BigInt, "NOT NULL DEFAULT 0", "rows stored already with the same values"),
            C(
                "rows_rejected",
                T::BigInt,
                "NOT NULL DEFAULT 0",
                "rows of the answers that were not loaded; quarantine has each of them once",
            ),
            C("message", T::Text, "", "what is to be done, and then what its task said"),
            C("error", T::Text, "", "why it failed"),
            C("started_at", T::Instant, "", "when its task was first tried"),
            C("finished_at", T::Instant, "", "when it reached its final state"),
        ],
        constraints: &[
            "PRIMARY KEY (backfill_id, key)",
            "FOREIGN KEY (backfill_id) REFERENCES backfill (id) ON DELETE CASCADE",
        ],
        indexes: &["CREATE INDEX backfill_item_state ON backfill_item (backfill_id, state, position)"],
    }
}
