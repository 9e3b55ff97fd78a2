//! Running migrations, one process at a time.

use migration::{MigrationStatus, Migrator, MigratorTrait};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use sqlx::{Connection, PgConnection};

use super::Database;

/// Whoever migrates holds this advisory lock: the product's name in ASCII.
pub(super) const LOCK: i64 = 0x6461_7461_696e_6672;

/// A migration and whether it has been applied.
#[derive(Clone, Debug)]
pub struct MigrationState {
    pub name: String,
    pub applied: bool,
}

/// What became of the schema: names of migrations, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    pub reverted: Vec<String>,
    pub applied: Vec<String>,
}

/// Applies what is missing. Replicas that start at once wait for the first.
///
/// # Errors
/// What the database says.
pub async fn migrate_up(url: &str) -> Result<Migrated, DbErr> {
    alone(url, async |database| compared(database, async |connection| Migrator::up(connection, None).await).await).await
}

/// Reverts the newest `steps` migrations.
///
/// # Errors
/// What the database says.
pub async fn migrate_down(url: &str, steps: u32) -> Result<Migrated, DbErr> {
    let down = async |connection: &DatabaseConnection| Migrator::down(connection, Some(steps)).await;
    alone(url, async |database| compared(database, down).await).await
}

/// Reverts everything and applies it anew: all data is lost.
///
/// # Errors
/// What the database says.
pub async fn fresh(url: &str) -> Result<Migrated, DbErr> {
    alone(url, async |database| {
        let down = compared(database, async |connection| Migrator::down(connection, None).await).await?;
        let up = compared(database, async |connection| Migrator::up(connection, None).await).await?;
        Ok(Migrated { reverted: down.reverted, ..up })
    })
    .await
}

/// Works under the lock and over one connection of its own: on SQLite another one may remember tables that are gone.
async fn alone(url: &str, work: impl AsyncFnOnce(&Database) -> Result<Migrated, DbErr>) -> Result<Migrated, DbErr> {
    let database = Database::connect(url, 1).await?;
    let lock = lock(&database, url).await?;
    let result = work(&database).await;
    unlock(lock).await;
    database.close().await;
    result
}

async fn compared(
    database: &Database,
    work: impl AsyncFnOnce(&DatabaseConnection) -> Result<(), DbErr>,
) -> Result<Migrated, DbErr> {
    let before = applied(database).await?;
    work(database.connection()).await?;
    let after = applied(database).await?;
    let less =
        |these: &[String], those: &[String]| these.iter().filter(|name| !those.contains(name)).cloned().collect();
    Ok(Migrated { reverted: less(&before, &after), applied: less(&after, &before) })
}

async fn applied(database: &Database) -> Result<Vec<String>, DbErr> {
    let all = migration_status(database).await?;
    Ok(all.into_iter().filter(|migration| migration.applied).map(|migration| migration.name).collect())
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
