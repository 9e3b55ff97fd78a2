//! What becomes of a row that was not loaded: its values, and what somebody decided about it.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Type as T, add_column, comment, drop_column};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "stockprice_quarantine";
const INDEXES: [(&str, &str); 2] =
    [("stockprice_quarantine_held", "(source) WHERE state = 'held'"), ("stockprice_quarantine_run", "(run_id)")];
const KIND: &str = "stockprice_revision.kind";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            add_column(manager, TABLE, &column).await?;
        }
        for (name, on) in INDEXES {
            let sql = format!("CREATE INDEX {name} ON {TABLE} {on}");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        let kinds = "correction (this bar), rebase (one row stands for the whole history) or accepted (this bar, out of \
                     the quarantine; old is null where there was none)";
        comment(manager, "COLUMN", KIND, kinds).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            manager.get_connection().execute_unprepared(&format!("DROP INDEX IF EXISTS {name}")).await?;
        }
        for C(name, ..) in columns().iter().rev() {
            drop_column(manager, TABLE, name).await?;
        }
        comment(manager, "COLUMN", KIND, "correction (this bar) or rebase (one row stands for the whole history)").await
    }
}

fn columns() -> [C; 10] {
    let price = "the row's own, where it could be read; null also where there was no trade";
    [
        C("open_price", T::Double, "NULL", price),
        C("high_price", T::Double, "NULL", price),
        C("low_price", T::Double, "NULL", price),
        C("close_price", T::Double, "NULL", price),
        C("volume", T::Double, "NULL", price),
        C("basis", T::Varchar(16), "NULL", "what the values are adjusted for; null: the row could not be read"),
        C("state", T::Varchar(16), "NOT NULL DEFAULT 'held'", "held, accepted (loaded) or discarded"),
        C("decided_at", T::Instant, "NULL", "when it was accepted or discarded"),
        C(
            "decided_by",
            T::Varchar(128),
            "NULL",
            "who decided: the name of a token, local, or cli:USER; rule:holiday of rows without trades on a holiday",
        ),
        C("note", T::Text, "NOT NULL DEFAULT ''", "what was said about the decision"),
    ]
}
