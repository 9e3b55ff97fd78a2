//! What lists of issues have said of companies, and which list spoke last.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Table, Type as T, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        change().create(manager).await?;
        list().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["company_list", "company_change"]).await
    }
}

fn change() -> Table {
    Table {
        name: "company_change",
        comment: "企業の商号・上場市場・上場状態の変更履歴を格納する (what changed of each company: name, market segment, status)",
        columns: vec![
            C("id", T::Varchar(36), "NOT NULL", "UUIDv7: sorts by creation"),
            C("company_id", T::Varchar(16), "NOT NULL", "システム内で設定する企業毎に一意となるコード"),
            C("changed_on", T::Date, "NOT NULL", "the day of the list that first shows it; it happened then or before"),
            C("what", T::Varchar(16), "NOT NULL", "name, segment, status"),
            C("old", T::Varchar(256), "NOT NULL", "the value before"),
            C("new", T::Varchar(256), "NOT NULL", "the value since"),
            C("source", T::Varchar(32), "NOT NULL", "who published it: jpx, jquants; csv for a file of companies"),
            C("recorded_at", T::Instant, "NOT NULL", "when it was written down, by the database's clock"),
        ],
        constraints: &["PRIMARY KEY (id)", "FOREIGN KEY (company_id) REFERENCES company (company_id)"],
        indexes: &["CREATE INDEX company_change_company ON company_change (company_id, changed_on)"],
    }
}

fn list() -> Table {
    Table {
        name: "company_list",
        comment: "The newest list of issues applied to each country's companies; its row is the lock of those who apply one",
        columns: vec![
            C("country_code", T::Varchar(16), "NOT NULL", "国コード"),
            C("source", T::Varchar(32), "NULL", "who published the list: jpx, jquants; null: none was applied yet"),
            C("as_of", T::Date, "NULL", "the day the list speaks of: an older one no longer changes anything"),
            C("issues", T::BigInt, "NULL", "how many issues it has"),
            C("applied_at", T::Instant, "NOT NULL", "when this row was last written, by the database's clock"),
        ],
        constraints: &["PRIMARY KEY (country_code)"],
        indexes: &[],
    }
}
