//! What each source answered, and how often; the day's requests and the blocks in a row.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Table, Type as T, add_column, drop_all, drop_column};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        source_answer().create(manager).await?;
        source_outcome().create(manager).await?;
        for column in state_columns() {
            add_column(manager, "source_state", &column).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for C(name, ..) in state_columns() {
            drop_column(manager, "source_state", name).await?;
        }
        drop_all(manager, &["source_outcome", "source_answer"]).await
    }
}

fn state_columns() -> [C; 4] {
    [
        C(
            "blocks",
            T::Int,
            "NOT NULL DEFAULT 0",
            "times in a row that the source blocked us, an answer between ends it",
        ),
        C("closed_as", T::Varchar(16), "NOT NULL DEFAULT ''", "blocked, quota, down: what opened the breaker last"),
        C("request_day", T::Date, "", "the UTC day that day_requests counts"),
        C("day_requests", T::Int, "NOT NULL DEFAULT 0", "requests of request_day, over all replicas"),
    ]
}

fn source_answer() -> Table {
    Table {
        name: "source_answer",
        comment: "Every answer of a source as it came, kept for a while to be read again",
        columns: vec![
            C("id", T::Varchar(36), "NOT NULL", "UUIDv7, in the order of writing"),
            C("source", T::Varchar(32), "NOT NULL", "name of the source"),
            C("subject", T::Text, "NOT NULL", "JSON: what was asked, in the words of the domain; empty: not told"),
            C("subject_key", T::Varchar(64), "NOT NULL", "what it was asked about, such as a stock code"),
            C("url", T::Text, "NOT NULL", "the address asked, secrets masked"),
            C("status", T::Int, "NOT NULL", "HTTP status"),
            C("content_type", T::Text, "", "as the source named it"),
            C("outcome", T::Varchar(32), "NOT NULL", "the class of the answer, as in the metrics"),
            C("reason", T::Text, "NOT NULL", "why it could not be used; empty: it could"),
            C("body", T::Bytes, "NOT NULL", "the body, gzip, secrets masked"),
            C("body_bytes", T::BigInt, "NOT NULL", "size of the body as it came"),
            C("stored_bytes", T::BigInt, "NOT NULL", "size of the body as it is kept"),
            C("fetched_at", T::Instant, "NOT NULL", "when it arrived, by the database's clock"),
            C("fetch_id", T::Varchar(36), "NOT NULL", "UUIDv7: the requests of one fetch have it in common"),
        ],
        constraints: &["PRIMARY KEY (id)"],
        indexes: &[
            "CREATE INDEX source_answer_subject ON source_answer (source, subject_key, fetched_at)",
            "CREATE INDEX source_answer_fetch ON source_answer (fetch_id)",
            "CREATE INDEX source_answer_age ON source_answer (fetched_at)",
        ],
    }
}

fn source_outcome() -> Table {
    Table {
        name: "source_outcome",
        comment: "How often each source answered in each way, and when last",
        columns: vec![
            C("source", T::Varchar(32), "NOT NULL", "name of the source"),
            C("outcome", T::Varchar(32), "NOT NULL", "the class of the answer, as in the metrics"),
            C("count", T::BigInt, "NOT NULL", "so many times"),
            C("last_at", T::Instant, "NOT NULL", "when last, by the database's clock"),
        ],
        constraints: &["PRIMARY KEY (source, outcome)"],
        indexes: &[],
    }
}
