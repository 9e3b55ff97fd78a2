//! Files on their way into the database.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Table, Type as T, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [import_file(), import_rows()] {
            table.create(manager).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["import_rows", "import_file"]).await
    }
}

fn import_file() -> Table {
    Table {
        name: "import_file",
        comment: "Files of bars that somebody gave to be imported; a run of the job import works on each",
        columns: vec![
            C("id", T::Varchar(36), "NOT NULL", "UUIDv7: the input of the run"),
            C("name", T::Varchar(256), "NOT NULL", "the file's name, as given"),
            C("layout", T::Varchar(32), "NOT NULL DEFAULT ''", "stooq, stooq-bulk, yahoo, yahoo-japan, jquants, plain"),
            C(
                "basis",
                T::Varchar(16),
                "NOT NULL DEFAULT ''",
                "what its prices are adjusted for: split, split_dividend",
            ),
            C("sha256", T::Varchar(64), "NOT NULL DEFAULT ''", "of its bytes, in hexadecimal"),
            C("bytes", T::BigInt, "NOT NULL DEFAULT 0", "its size"),
            C("rows", T::BigInt, "NOT NULL DEFAULT 0", "its rows"),
            C("actor", T::Varchar(128), "NOT NULL", "who gave it, as in the audit"),
            C("complete", T::Bool, "NOT NULL DEFAULT false", "it was read to its end; nothing is imported before"),
            C("created_at", T::Instant, "NOT NULL", "when its reading began"),
        ],
        constraints: &["PRIMARY KEY (id)"],
        indexes: &["CREATE INDEX import_file_created ON import_file (created_at)"],
    }
}

fn import_rows() -> Table {
    Table {
        name: "import_rows",
        comment: "The rows of such files until they are loaded; those of a company go with its task's success",
        columns: vec![
            C("import_id", T::Varchar(36), "NOT NULL", "the file"),
            C("stock_code", T::Varchar(16), "NOT NULL", "銘柄コード"),
            C("seq", T::Int, "NOT NULL", "the order of the company's pieces, from 0"),
            C("country_code", T::Varchar(16), "", "国コード, where the file tells"),
            C("body", T::Bytes, "NOT NULL", "rows as lines of text, compressed (zlib)"),
        ],
        constraints: &[
            "PRIMARY KEY (import_id, stock_code, seq)",
            "FOREIGN KEY (import_id) REFERENCES import_file (id) ON DELETE CASCADE",
        ],
        indexes: &[],
    }
}
