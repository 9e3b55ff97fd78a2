//! What exchanges say of their own trading days.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Table, Type as T, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        calendar().create(manager).await?;
        day().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["market_day", "market_calendar"]).await
    }
}

fn calendar() -> Table {
    Table {
        name: "market_calendar",
        comment: "What is known of each exchange's own calendar, and when it was last asked for",
        columns: vec![
            C("country_code", T::Varchar(16), "NOT NULL", "国コード"),
            C("asked_at", T::Instant, "NOT NULL", "when a source was last asked, by the database's clock: once a day"),
            C("source", T::Varchar(32), "NULL", "who gave the calendar: jquants; null: nobody yet"),
            C("known_until", T::Date, "NULL", "the last day the exchange has spoken of; null: none yet"),
            C("fetched_at", T::Instant, "NULL", "when the calendar was last stored, by the database's clock"),
        ],
        constraints: &["PRIMARY KEY (country_code)"],
        indexes: &[],
    }
}

fn day() -> Table {
    Table {
        name: "market_day",
        comment: "The days on which an exchange says otherwise than the calendar in the program: these count",
        columns: vec![
            C("country_code", T::Varchar(16), "NOT NULL", "国コード"),
            C("day", T::Date, "NOT NULL", "the day in the market's own zone"),
            C("is_session", T::Bool, "NOT NULL", "whether the exchange trades on it"),
            C("source", T::Varchar(32), "NOT NULL", "who said so: jquants"),
            C("fetched_at", T::Instant, "NOT NULL", "when it was last said, by the database's clock"),
        ],
        constraints: &[
            "PRIMARY KEY (country_code, day)",
            "FOREIGN KEY (country_code) REFERENCES market_calendar (country_code)",
        ],
        indexes: &[],
    }
}
