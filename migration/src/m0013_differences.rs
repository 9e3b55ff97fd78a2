//! Where stored bars and another source's differ.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Table, Type as T, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        difference().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["stockprice_difference"]).await
    }
}

fn difference() -> Table {
    Table {
        name: "stockprice_difference",
        comment: "Stretches of sessions on which another source says something else than what is stored; nothing is \
                  changed for it",
        columns: vec![
            C("id", T::Varchar(36), "NOT NULL", "UUIDv7"),
            C("company_id", T::Varchar(16), "NOT NULL", "システム内で設定する企業毎に一意となるコード"),
            C("source", T::Varchar(32), "NOT NULL", "the source that was compared with"),
            C(
                "kind",
                T::Varchar(16),
                "NOT NULL",
                "price, missing_here, missing_there, ratio (all prices are a constant times the stored ones)",
            ),
            C("date_from", T::Date, "NOT NULL", "the first differing session"),
            C("date_to", T::Date, "NOT NULL", "the last differing session"),
            C("sessions", T::Int, "NOT NULL", "how many sessions within differ"),
            C("worst", T::Double, "NOT NULL", "the greatest difference of a price, as a part of the stored one"),
            C("stored", T::Text, "NULL", "JSON: the first differing session as stored; null: there is none"),
            C("other", T::Text, "NULL", "JSON: the same session as the other source gives it; null: it has none"),
            C("state", T::Varchar(8), "NOT NULL", "open, or closed when a later comparison no longer found it"),
            C("run_id", T::Varchar(36), "NOT NULL", "the run that first found it"),
            C("found_at", T::Instant, "NOT NULL", "when it was first found"),
            C("seen_at", T::Instant, "NOT NULL", "when it was last found"),
            C("closed_at", T::Instant, "NULL", "when it was no longer found"),
        ],
        constraints: &["PRIMARY KEY (id)"],
        indexes: &[
            "CREATE INDEX stockprice_difference_company ON stockprice_difference (company_id, source)",
            "CREATE INDEX stockprice_difference_open ON stockprice_difference (source) WHERE state = 'open'",
        ],
    }
}
