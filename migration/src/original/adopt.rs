//! Taking the original's tables over, within the migration's one transaction.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

use super::{Contents, Found, SET_ASIDE, TAKEOVER, averages, examine, rows};
use crate::table::{Column as C, Table, Type as T, add_column, comment};

/// Companies of the original's own master that are no longer listed, with the last session of which it is sure that
/// nothing comes after it: sources know them no more.
const DELISTED: [(&str, &str); 3] = [("6028", "2025-12-30"), ("3906", "2022-12-30"), ("9437", "2020-12-24")];

/// Makes `company` and `stockprice` ours where they stand, keeping every row; `made` are the tables that are new, `kept`
/// how the two look here. False when they are not there.
///
/// # Errors
/// When something else is in the way; what the database says.
pub async fn adopt(manager: &SchemaManager<'_>, kept: &[Table], made: &[Table], view: &str) -> Result<bool, DbErr> {
    let connection = manager.get_connection();
    lock(connection).await?;
    let contents = match examine(connection).await? {
        Found::Nothing => return Ok(false),
        Found::InTheWay(problems) => return Err(DbErr::Migration(problems.join("; "))),
        Found::Original(contents) => contents,
    };
    let averages = contents.averages.is_some();
    for table in kept {
        complete(manager, table).await?;
    }
    connection
        .execute_unprepared(
            "ALTER TABLE company ADD CONSTRAINT company_stock_code_country_code_key UNIQUE (stock_code, country_code)",
        )
        .await?;
    for table in made.iter().chain([&set_aside(), &takeover()]) {
        table.create_if_missing(manager).await?;
    }
    connection.execute_unprepared(NOT_NUMBERS).await?;
    if averages {
        averages::convert(connection).await?;
    }
    connection.execute_unprepared(view).await?;
    if averages {
        averages::grant(connection).await?;
    }
    connection.execute_unprepared(SERIES).await?;
    for (code, last) in DELISTED {
        let sql = format!(
            "UPDATE company SET status = 'delisted', listed_to = DATE '{last}' WHERE stock_code = '{code}' AND country_code = 'JP'"
        );
        connection.execute_unprepared(&sql).await?;
    }
    record(manager, &contents).await?;
    Ok(true)
}

/// Nobody writes while rows are looked at and put together. A job of the original's is waited for.
async fn lock(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    if connection.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
               AND relname IN ('company', 'stockprice', 'stockprice_ma') AND relkind = 'r' ORDER BY relname";
    for row in rows(connection, sql).await? {
        let table: String = row.try_get_by_index(0)?;
        connection.execute_unprepared(&format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).await?;
    }
    Ok(())
}

/// The original wrote what pandas has for a missing number.
const NOT_NUMBERS: &str = "UPDATE stockprice SET open_price = NULLIF(open_price, 'NaN'), \
     high_price = NULLIF(high_price, 'NaN'), low_price = NULLIF(low_price, 'NaN'), \
     close_price = NULLIF(close_price, 'NaN'), volume = NULLIF(volume, 'NaN') \
     WHERE 'NaN' IN (open_price, high_price, low_price, close_price, volume)";

/// Nobody knows what the bars are adjusted for, so the series have no basis, and no source has answered for a day.
const SERIES: &str = "INSERT INTO stockprice_series (company_id, source, newest_date, version, updated_at) \
     SELECT company_id, 'original', max(date), 1, clock_timestamp() FROM stockprice GROUP BY company_id";

/// Adds what a table of the original lacks: columns, defaults, and comments where there are none.
async fn complete(manager: &SchemaManager<'_>, table: &Table) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for column in &table.columns {
        let C(name, _, rest, text) = column;
        if !manager.has_column(table.name, *name).await? {
            if *name == "source" {
                // Rows that are there read so from now on without being written anew; new ones say where they are from.
                add_column(manager, table.name, &C(name, T::Varchar(32), "DEFAULT 'original'", text)).await?;
                connection.execute_unprepared("ALTER TABLE stockprice ALTER COLUMN source DROP DEFAULT").await?;
            } else {
                add_column(manager, table.name, column).await?;
            }
        } else if rest.contains("{now}") {
            let sql = format!("ALTER TABLE {} ALTER COLUMN {name} SET DEFAULT now()", table.name);
            connection.execute_unprepared(&sql).await?;
            comment(manager, "COLUMN", &format!("{}.{name}", table.name), text).await?;
        }
    }
    Ok(())
}

fn set_aside() -> Table {
    Table {
        name: SET_ASIDE,
        comment: "Bars of the original whose place a source's history took, as they were; nothing here reads them",
        columns: vec![
            C("company_id", T::Varchar(16), "NOT NULL", "システム内で設定する企業毎に一意となるコード"),
            C("date", T::Date, "NOT NULL", "日付"),
            C("open_price", T::Double, "NULL", "株価(始値)"),
            C("high_price", T::Double, "NULL", "株価(高値)"),
            C("low_price", T::Double, "NULL", "株価(安値)"),
            C("close_price", T::Double, "NULL", "株価(終値)"),
            C("volume", T::Double, "NULL", "出来高"),
            C("ins_ts", T::Timestamp, "NULL", "登録日時 (when the original made the row)"),
            C("upd_ts", T::Timestamp, "NULL", "更新日時 (when the original last changed it)"),
            C("run_id", T::Varchar(36), "NOT NULL", "the run that set it aside"),
            C("set_aside_at", T::Instant, "NOT NULL DEFAULT {now}", "when that was"),
        ],
        constraints: &["PRIMARY KEY (company_id, date)"],
        indexes: &[],
    }
}

fn takeover() -> Table {
    Table {
        name: TAKEOVER,
        comment: "That this database was the original's, and what it held when it was taken over",
        columns: vec![
            C("revision", T::Text, "NULL", "Alembic's revision of the schema; null: from before Alembic"),
            C("companies", T::BigInt, "NOT NULL", "companies it had"),
            C("bars", T::BigInt, "NOT NULL", "bars it had"),
            C("averages", T::BigInt, "NULL", "moving averages it had; null: it had no table of them"),
            C("taken_over_at", T::Instant, "NOT NULL DEFAULT {now}", "when that was"),
        ],
        constraints: &["PRIMARY KEY (taken_over_at)"],
        indexes: &[],
    }
}

async fn record(manager: &SchemaManager<'_>, contents: &Contents) -> Result<(), DbErr> {
    let revision =
        contents.revision.as_ref().map_or_else(|| "NULL".to_owned(), |name| format!("'{}'", name.replace('\'', "''")));
    let averages = contents.averages.map_or_else(|| "NULL".to_owned(), |count| count.to_string());
    let sql = format!(
        "INSERT INTO {TAKEOVER} (revision, companies, bars, averages) VALUES ({revision}, {}, {}, {averages})",
        contents.companies, contents.bars
    );
    manager.get_connection().execute_unprepared(&sql).await.map(drop)
}
