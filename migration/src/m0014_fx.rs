//! The euro's exchange rates.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Table, Type as T, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [rate(), series(), revision()] {
            table.create(manager).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["fx_revision", "fx_series", "fx_rate"]).await
    }
}

const CURRENCY: &str = "ISO 4217 code of the currency, USD";

fn rate() -> Table {
    Table {
        name: "fx_rate",
        comment: "Daily euro foreign exchange reference rates; a day without a rate of a currency has no row",
        columns: vec![
            C("currency", T::Varchar(3), "NOT NULL", CURRENCY),
            C("date", T::Date, "NOT NULL", "the day, in Frankfurt"),
            C("rate", T::Double, "NOT NULL", "units of the currency for one euro"),
            C("ins_ts", T::Timestamp, "DEFAULT {now}", "when the row was made, UTC"),
            C("upd_ts", T::Timestamp, "DEFAULT {now}", "when the rate last changed, UTC"),
            C("source", T::Varchar(32), "NULL", "the source the rate came from"),
        ],
        constraints: &["PRIMARY KEY (currency, date)"],
        indexes: &[],
    }
}

fn series() -> Table {
    Table {
        name: "fx_series",
        comment: "What is known about the rates of each source; its row is the lock of their writers",
        columns: vec![
            C("source", T::Varchar(32), "NOT NULL", "the source"),
            C("covered_from", T::Date, "NULL", "first day the source has answered for"),
            C("covered_to", T::Date, "NULL", "last day the source has answered for; later ones are still to fetch"),
            C("version", T::BigInt, "NOT NULL DEFAULT 0", "grows with every change of a rate"),
            C("updated_at", T::Instant, "NOT NULL", "when this row was last written"),
        ],
        constraints: &["PRIMARY KEY (source)"],
        indexes: &[],
    }
}

fn revision() -> Table {
    Table {
        name: "fx_revision",
        comment: "Stored rates that the source later gave with other values",
        columns: vec![
            C("id", T::Varchar(36), "NOT NULL", "UUIDv7"),
            C("currency", T::Varchar(3), "NOT NULL", CURRENCY),
            C("date", T::Date, "NOT NULL", "the day, in Frankfurt"),
            C("old_rate", T::Double, "NOT NULL", "the rate before"),
            C("new_rate", T::Double, "NOT NULL", "the rate after"),
            C("source", T::Varchar(32), "NOT NULL", "the source of the new rate"),
            C("run_id", T::Varchar(36), "NOT NULL", "the run that changed it"),
            C("revised_at", T::Instant, "NOT NULL", "when it was changed"),
        ],
        constraints: &["PRIMARY KEY (id)"],
        indexes: &["CREATE INDEX fx_revision_currency ON fx_revision (currency, date)"],
    }
}
