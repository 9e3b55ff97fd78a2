//! Running migrations, one process at a time.

use migration::{MigrationStatus, Migrator, MigratorTrait};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use sqlx::{Connection, PgConnection};

use super::Database;

/// Whoever migrates holds this advisory lock: the product's name in ASCII.
const LOCK: i64 = 0x6461_7461_696e_6672;

/// A migration and whether it has been applied.
#[derive(Clone, Debug)]
pub struct MigrationState {
    pub name: String,
    pub applied: bool,
}

/// Applies what is missing. Replicas that start at once wait for the first.
///
/// # Errors
/// What the database says.
pub async fn migrate_up(url: &str) -> Result<(), DbErr> {
    alone(url, async |connection| Migrator::up(connection, None).await).await
}

/// Reverts the newest `steps` migrations.
///
/// # Errors
/// What the database says.
pub async fn migrate_down(url: &str, steps: u32) -> Result<(), DbErr> {
    alone(url, async |connection| Migrator::down(connection, Some(steps)).await).await
}

/// Reverts everything and applies it anew: all data is lost.
///
/// # Errors
/// What the database says.
pub async fn fresh(url: &str) -> Result<(), DbErr> {
    alone(url, async |connection| {
        Migrator::down(connection, None).await?;
        Migrator::up(connection, None).await
    })
    .await
}

/// Works under the lock and over one connection of its own: on SQLite another one may remember tables that are gone.
async fn alone(url: &str, work: impl AsyncFnOnce(&DatabaseConnection) -> Result<(), DbErr>) -> Result<(), DbErr> {
    let database = Database::connect(url, 1).await?;
    let lock = lock(&database, url).await?;
    let result = work(database.connection()).await;
    unlock(lock).await;
    database.close().await;
    result
}

/// Every migration in its order.
///
/// # Errors
/// What the database says.
pub async fn migration_status(database: &Database) -> Result<Vec<MigrationState>, DbErr> {
    let migrations = Migrator::get_migration_with_status(database.connection()).await?;
    Ok(migrations
        .iter()
        .map(|m| MigrationState { name: m.name().to_owned(), applied: m.status() == MigrationStatus::Applied })
        .collect())
}

/// The lock belongs to the session of a connection that does nothing else.
async fn lock(database: &Database, url: &str) -> Result<Option<PgConnection>, DbErr> {
    if !database.is_postgres() {
        return Ok(None);
    }
    let mut connection = PgConnection::connect(url).await.map_err(connection_error)?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut connection).await.map_err(connection_error)?;
    Ok(Some(connection))
}

/// Closing the session releases the lock, whatever became of the connection.
async fn unlock(lock: Option<PgConnection>) {
    if let Some(connection) = lock
        && let Err(error) = connection.close().await
    {
        tracing::debug!(%error, "the connection that held the migration lock did not close cleanly");
    }
}

fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(std::sync::Arc::new(error)))
}
