//! Undoing the takeover: the original's tables as it knows them, with all rows that came since.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

use super::{AVERAGES_KEPT, SET_ASIDE, TAKEOVER, is_there, number};
use crate::table::drop_all;

/// Whether the tables were the original's.
///
/// # Errors
/// What the database says.
pub async fn was_adopted(manager: &SchemaManager<'_>) -> Result<bool, DbErr> {
    let connection = manager.get_connection();
    Ok(connection.get_database_backend() == DbBackend::Postgres && is_there(connection, TAKEOVER).await?)
}

/// Takes away what was added to `company` and `stockprice`, and makes `stockprice_ma` a table again. `ours` are the
/// tables that go. Bars that were set aside stay where they are.
///
/// # Errors
/// What the database says.
pub async fn give_back(manager: &SchemaManager<'_>, ours: &[&str]) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if is_there(connection, AVERAGES_KEPT).await? {
        connection.execute_unprepared("DROP VIEW IF EXISTS stockprice_ma").await?;
        connection.execute_unprepared(&format!("ALTER TABLE {AVERAGES_KEPT} RENAME TO stockprice_ma")).await?;
    } else if is_there(connection, "stockprice_ma").await? {
        for sql in AS_A_TABLE {
            connection.execute_unprepared(sql).await?;
        }
    }
    drop_all(manager, ours).await?;
    for sql in [
        "ALTER TABLE stockprice DROP COLUMN IF EXISTS source",
        "ALTER TABLE company DROP CONSTRAINT IF EXISTS company_stock_code_country_code_key",
        "ALTER TABLE company DROP COLUMN IF EXISTS status, DROP COLUMN IF EXISTS listed_from, \
         DROP COLUMN IF EXISTS listed_to",
    ] {
        connection.execute_unprepared(sql).await?;
    }
    if number(connection, &format!("SELECT count(*) FROM {SET_ASIDE}")).await? == 0 {
        drop_all(manager, &[SET_ASIDE]).await?;
    }
    drop_all(manager, &[TAKEOVER]).await
}

/// Somebody dropped the kept averages: those of the view take their place.
const AS_A_TABLE: [&str; 5] = [
    "CREATE TABLE stockprice_ma_given_back (company_id varchar(16) NOT NULL, date date NOT NULL, \
     ma_type varchar(16) NOT NULL, ma_value double precision, ins_ts timestamp DEFAULT now(), \
     upd_ts timestamp DEFAULT now())",
    "INSERT INTO stockprice_ma_given_back SELECT company_id, date, ma_type, ma_value, ins_ts, upd_ts FROM stockprice_ma",
    "DROP VIEW stockprice_ma",
    "ALTER TABLE stockprice_ma_given_back RENAME TO stockprice_ma",
    "ALTER TABLE stockprice_ma ADD CONSTRAINT stockprice_ma_pkey PRIMARY KEY (company_id, date, ma_type), \
     ADD CONSTRAINT stockprice_ma_company_id_fkey FOREIGN KEY (company_id) REFERENCES company (company_id)",
];
