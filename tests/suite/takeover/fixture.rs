//! The original's database, and what is compared of it.

use data_infrastructure::db::{self, Connection as _, Database, Transaction};

use crate::support::TestStore;

pub const SCHEMA: &str = include_str!("schema.sql");
const ROWS: &str = include_str!("rows.sql");

/// The bars without what is no number, and everything else as it is.
pub const BARS: &str = "SELECT md5(string_agg(row(company_id, date, open_price, high_price, low_price, close_price, \
     NULLIF(volume, 'NaN'), ins_ts, upd_ts)::text, ',' ORDER BY company_id, date)) FROM stockprice";
pub const COMPANIES: &str = "SELECT md5(string_agg(row(company_id, company_name, stock_code, country_code, \
     listed_market, foundation_date, longitude, latitude, ins_ts, upd_ts)::text, ',' ORDER BY company_id)) FROM company";
pub const AVERAGES: &str = "SELECT md5(string_agg(row(company_id, date, ma_type, ma_value, ins_ts, upd_ts)::text, ',' \
     ORDER BY company_id, date, ma_type)) FROM stockprice_ma";

/// A database of its own with the original's tables and rows in it; none without a server.
pub async fn original() -> Option<(TestStore, Database)> {
    let (store, database) = empty_original().await?;
    script(&database, ROWS).await;
    Some((store, database))
}

/// The same with the tables alone.
pub async fn empty_original() -> Option<(TestStore, Database)> {
    let store = TestStore::postgres().await?;
    let database = Database::connect(&store.url, 4).await.unwrap();
    script(&database, SCHEMA).await;
    Some((store, database))
}

/// Statements one after the other, in one transaction.
pub async fn script(database: &Database, sql: &str) {
    let transaction = database.begin().await.unwrap();
    for statement in sql.split(";\n").filter(|statement| !statement.trim().is_empty()) {
        run(&transaction, statement).await;
    }
    transaction.commit().await.unwrap();
}

async fn run(transaction: &Transaction, statement: &str) {
    if let Err(error) = transaction.execute_unprepared(statement).await {
        panic!("{error}: {statement}");
    }
}

/// A text the database answers with.
pub async fn text(database: &Database, sql: &str) -> String {
    let row = db::one(database.connection(), sql, []).await.unwrap().unwrap();
    row.try_get_by_index::<Option<String>>(0).unwrap().unwrap_or_default()
}

/// A number the database answers with.
pub async fn count(database: &Database, sql: &str) -> i64 {
    db::one(database.connection(), sql, []).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// All three tables, in short.
pub async fn content(database: &Database) -> [String; 3] {
    [text(database, COMPANIES).await, text(database, BARS).await, text(database, AVERAGES).await]
}

/// Every relation and column there is.
pub async fn shape(database: &Database) -> String {
    text(
        database,
        "SELECT string_agg(c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || \
         a.attnotnull || ' ' || a.atthasdef, ',' ORDER BY c.relname, a.attname) FROM pg_class c JOIN pg_attribute a \
         ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') AND c.relname <> 'seaql_migrations'",
    )
    .await
}
