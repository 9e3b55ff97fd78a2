//! Running migrations, one process at a time.

use migration::{Found, MigrationStatus, Migrator, MigratorTrait};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use sqlx::{Connection, PgConnection};

use super::{Database, compatible};

/// Whoever migrates holds this advisory lock: the product's name in ASCII.
pub(super) const LOCK: i64 = 0x6461_7461_696e_6672;

/// A migration and whether it has been applied.
#[derive(Clone, Debug)]
pub struct MigrationState {
    pub name: String,
    pub applied: bool,
    /// This program does not have it: it was applied by a newer version.
    pub newer: bool,
}

/// What is being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrating {
    /// Another process, which migrates at the moment.
    Another,
    /// This one.
    Here,
}

/// What became of the schema: names of migrations, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    pub reverted: Vec<String>,
    pub applied: Vec<String>,
    /// What was there before and was taken over, in words.
    pub adopted: Option<String>,
}

/// Applies what is missing. Replicas that start at once wait for the first.
///
/// # Errors
/// What is in the way of the tables: then nothing was changed. Otherwise what the database says.
pub async fn migrate_up(url: &str) -> Result<Migrated, DbErr> {
    migrate_up_telling(url, |_| {}).await
}

/// The same, telling what is being waited for.
///
/// # Errors
/// As [`migrate_up`].
pub async fn migrate_up_telling(url: &str, tell: impl Fn(Migrating)) -> Result<Migrated, DbErr> {
    alone(url, tell, up).await
}

/// Reverts the newest `steps` migrations.
///
/// # Errors
/// When there are some of a newer version; what the database says.
pub async fn migrate_down(url: &str, steps: u32) -> Result<Migrated, DbErr> {
    let down = async |connection: &DatabaseConnection| Migrator::down(connection, Some(steps)).await;
    alone(
        url,
        |_| {},
        async |database| {
            refuse_newer(database).await?;
            compared(database, down).await
        },
    )
    .await
}

/// Reverts everything and applies it anew: all data is lost, but for tables that were taken over.
///
/// # Errors
/// When there are some of a newer version, whose tables this program does not know; what the database says.
pub async fn fresh(url: &str) -> Result<Migrated, DbErr> {
    alone(
        url,
        |_| {},
        async |database| {
            refuse_newer(database).await?;
            let down = compared(database, async |connection| Migrator::down(connection, None).await).await?;
            let up = up(database).await?;
            Ok(Migrated { reverted: down.reverted, ..up })
        },
    )
    .await
}

async fn up(database: &Database) -> Result<Migrated, DbErr> {
    compatible(database.connection()).await?;
    let adopted = adoptable(database).await?;
    if let Some(found) = &adopted {
        tracing::warn!("taking over {found}");
    }
    let migrated = compared(database, async |connection| Migrator::up(connection, None).await).await?;
    Ok(Migrated { adopted, ..migrated })
}

/// What would be taken over by the next migration, in words.
///
/// # Errors
/// What is in the way of the tables, or what the database says.
pub async fn adoptable(database: &Database) -> Result<Option<String>, DbErr> {
    match migration::examine(database.connection()).await? {
        Found::Nothing => Ok(None),
        Found::Original(contents) => Ok(Some(contents.to_string())),
        Found::InTheWay(problems) => Err(DbErr::Migration(format!(
            "this database can be neither used nor taken over, and nothing in it was changed: {}; docs/migrating.md says more",
            problems.join("; ")
        ))),
    }
}

/// Works under the lock and over one connection of its own: on SQLite another one may remember tables that are gone.
async fn alone(
    url: &str,
    tell: impl Fn(Migrating),
    work: impl AsyncFnOnce(&Database) -> Result<Migrated, DbErr>,
) -> Result<Migrated, DbErr> {
    let database = Database::connect(url, 1).await?;
    let lock = lock(&database, url, &tell).await?;
    tell(Migrating::Here);
    let result = work(&database).await;
    unlock(lock).await;
    database.close().await;
    result
}

/// What a newer version made can be undone only by it.
async fn refuse_newer(database: &Database) -> Result<(), DbErr> {
    let newer = Migrator::newer(database.connection()).await?;
    if newer.is_empty() {
        return Ok(());
    }
    Err(DbErr::Migration(format!(
        "{} came from a newer version, and only a program of that version can revert it",
        newer.join(", ")
    )))
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
    Ok(Migrated { reverted: less(&before, &after), applied: less(&after, &before), adopted: None })
}

async fn applied(database: &Database) -> Result<Vec<String>, DbErr> {
    let all = migration_status(database).await?;
    Ok(all.into_iter().filter(|migration| migration.applied).map(|migration| migration.name).collect())
}

/// Every migration in its order, those of a newer version at the end.
///
/// # Errors
/// What the database says.
pub async fn migration_status(database: &Database) -> Result<Vec<MigrationState>, DbErr> {
    let migrations = Migrator::get_migration_with_status(database.connection()).await?;
    let known = migrations.iter().map(|m| {
        let applied = m.status() == MigrationStatus::Applied;
        MigrationState { name: m.name().to_owned(), applied, newer: false }
    });
    let newer = Migrator::newer(database.connection()).await?.into_iter();
    Ok(known.chain(newer.map(|name| MigrationState { name, applied: true, newer: true })).collect())
}

/// The lock belongs to the session of a connection that does nothing else.
async fn lock(database: &Database, url: &str, tell: &impl Fn(Migrating)) -> Result<Option<PgConnection>, DbErr> {
    if !database.is_postgres() {
        return Ok(None);
    }
    let mut connection = PgConnection::connect(url).await.map_err(connection_error)?;
    let free = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(LOCK).fetch_one(&mut connection).await;
    if !free.map_err(connection_error)? {
        tell(Migrating::Another);
        let lock = sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK);
        lock.execute(&mut connection).await.map_err(connection_error)?;
    }
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
