//! The daemons' tables, and the checker's own beside them.

use data_infrastructure::db;
use sqlx::{Connection as _, Executor as _, PgConnection};

/// Makes all tables and triggers.
pub async fn install(url: &str) -> anyhow::Result<()> {
    db::migrate_up(url).await?;
    let mut connection = PgConnection::connect(url).await?;
    connection.execute(include_str!("schema.sql")).await?;
    Ok(connection.close().await?)
}
