//! The original's database: its tables recognised, taken over where they stand, and given back.
//!
//! The original (Python, Alembic) kept `company`, `stockprice` and `stockprice_ma` in PostgreSQL. Rows of the first two
//! stay where they are and as they are; the third, which was computed anew every day, becomes the view it is here.

mod adopt;
mod averages;
mod columns;
mod examine;
mod give_back;
mod rows;

pub use adopt::adopt;
pub use examine::{Contents, Found, examine};
pub use give_back::{give_back, was_adopted};

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

/// The original's moving averages, kept under this name.
const AVERAGES_KEPT: &str = "stockprice_ma_original";
/// Bars of the original whose place a source's history took.
const SET_ASIDE: &str = "stockprice_original";
/// That the database was the original's.
const TAKEOVER: &str = "takeover";

async fn rows(connection: &impl ConnectionTrait, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
    connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await
}

/// The number that a statement answers with; 0 without a row.
async fn number(connection: &impl ConnectionTrait, sql: &str) -> Result<i64, DbErr> {
    rows(connection, sql).await?.first().map_or(Ok(0), |row| row.try_get_by_index(0))
}

/// Whether there is a table or view of this name; PostgreSQL only.
async fn is_there(connection: &impl ConnectionTrait, name: &str) -> Result<bool, DbErr> {
    let sql = format!(
        "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = '{name}' \
         AND relkind IN ('r', 'p', 'v', 'm', 'f')"
    );
    Ok(number(connection, &sql).await? > 0)
}
