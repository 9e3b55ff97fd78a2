//! One pool to one database.

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection as _, Executor as _, PgPool, SqliteConnection, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{Mutex, Semaphore};

use super::{Snapshot, SnapshotError, Transaction, error::cause, reach, silence::Silence};

/// How long a statement waits for SQLite's write lock, and a request for a free connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// Rows of SQLite that may wait for their reader. Its thread and the reader's wake each other whenever it is full or
/// empty, which costs more than the rows do.
const ROWS_AHEAD: usize = 2_500;
/// How long a long answer waits for its turn.
const LENDING: Duration = Duration::from_secs(5);
/// Connections set aside for the scheduler.
const CONTROL: u32 = 2;
/// What PostgreSQL's connections get to be closed in order.
const CLOSING: Duration = Duration::from_secs(5);

/// A process that is stopped within a transaction, or cut off from the server, must not hold its locks until it comes
/// back: the server ends such a session after this time, well before a lease ends. No transaction of ours waits for
/// anything but the database.
const FORSAKEN: &str = "SET idle_in_transaction_session_timeout = '5s'";

/// A connected database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    connection: DatabaseConnection,
    pool: Pool,
    /// SQLite has one writer: waiting here in order beats polling for its lock.
    writer: Arc<Mutex<()>>,
    /// PostgreSQL: connections that loads and requests cannot take.
    control: Option<Arc<Database>>,
    /// Places for those who keep a connection while they send.
    snapshots: Arc<Semaphore>,
}

#[derive(Clone)]
pub(super) enum Pool {
    Postgres(PgPool, Silence),
    Sqlite(SqlitePool),
}

/// Connections of the pool.
#[derive(Clone, Copy, Debug)]
pub struct PoolState {
    pub idle: u32,
    pub busy: u32,
    /// What can still be had, opened already or not; connections set aside for the scheduler do not count.
    pub available: u32,
    pub max: u32,
}

impl Database {
    /// Connects, making SQLite's file and folder when they are not there.
    ///
    /// # Errors
    /// When the URL is of neither database, or the database cannot be reached.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            Self::connect_sqlite(url, max_connections).await
        } else if max_connections < 3 * CONTROL {
            Self::connect_postgres(url, max_connections).await
        } else {
            let control = Self::connect_postgres(url, CONTROL).await?;
            let rest = Self::connect_postgres(url, max_connections - CONTROL).await?;
            Ok(Self { control: Some(Arc::new(control)), ..rest })
        }
    }

    /// The same database over connections set aside: ticks, claims and heartbeats must not wait until loads and
    /// requests give one back. Where there are too few to set any aside, over the same ones.
    #[must_use]
    pub fn control(&self) -> Self {
        self.control.as_deref().unwrap_or(self).clone()
    }

    async fn connect_sqlite(url: &str, max_connections: u32) -> Result<Self, DbErr> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(connection_error)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .row_buffer_size(ROWS_AHEAD)
            .optimize_on_close(true, None)
            .disable_statement_logging();
        let file = options.get_filename().display().to_string();
        if let Some(folder) = options.get_filename().parent() {
            std::fs::create_dir_all(folder).map_err(|e| {
                DbErr::Conn(RuntimeErr::Internal(format!("cannot make the folder {}: {e}", folder.display())))
            })?;
        }
        let pool = SqlitePoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(PATIENCE)
            // SQLite itself rolls back what meets a full disk, of which sqlx knows nothing: it counts the transaction as
            // open for ever, and no other can be begun on that connection.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .connect_with(options)
            .await
            .map_err(|error| DbErr::Conn(RuntimeErr::Internal(format!("cannot open {file}: {}", cause(&error)))))?;
        Ok(Self::over(pool.clone().into(), Pool::Sqlite(pool), max_connections))
    }

    async fn connect_postgres(url: &str, max_connections: u32) -> Result<Self, DbErr> {
        let options = postgres_options(url)?;
        let silence = Silence::default();
        let returned = silence.clone();
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| Box::pin(Silence::is_usable(connection, meta.idle_for)))
            .after_release(move |connection, _| {
                let silence = returned.clone();
                Box::pin(async move { silence.may_return(connection).await })
            })
            .after_connect(|connection, _| Box::pin(async move { connection.execute(FORSAKEN).await.map(drop) }))
            .connect_with(options.clone())
            .await;
        match pool {
            Ok(pool) => Ok(Self::over(pool.clone().into(), Pool::Postgres(pool, silence), max_connections)),
            Err(error) => Err(reach::why_not(&options, error).await),
        }
    }

    /// Connections that are made from now on are made by this address: another password, or another user. Those there
    /// are stay, and last half an hour at most. SQLite has none of it.
    ///
    /// # Errors
    /// When it is no address.
    pub fn set_address(&self, url: &str) -> Result<(), DbErr> {
        for database in [Some(self), self.control.as_deref()].into_iter().flatten() {
            if let Pool::Postgres(pool, _) = &database.pool {
                pool.set_connect_options(postgres_options(url)?);
            }
        }
        Ok(())
    }

    fn over(connection: DatabaseConnection, pool: Pool, connections: u32) -> Self {
        let places = (connections / 2).max(1) as usize;
        Self { connection, pool, writer: Arc::default(), control: None, snapshots: Arc::new(Semaphore::new(places)) }
    }

    /// The pool, for statements of their own.
    #[must_use]
    pub fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// When no connection can be had.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        Transaction::begin(&self.pool, &self.writer).await
    }

    /// Begins to read one state of the database, for as long as it takes. At most half of the connections are lent so.
    ///
    /// # Errors
    /// When all of them stay lent for some seconds, or no connection can be had.
    pub async fn snapshot(&self) -> Result<Snapshot, SnapshotError> {
        let place = tokio::time::timeout(LENDING, Arc::clone(&self.snapshots).acquire_owned()).await;
        let Ok(Ok(place)) = place else { return Err(SnapshotError::Busy) };
        Snapshot::begin(Transaction::snapshot(&self.pool).await?, place).await
    }

    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self.pool, Pool::Postgres(..))
    }

    /// The file of a SQLite database.
    #[must_use]
    pub fn sqlite_file(url: &str) -> Option<PathBuf> {
        let options = SqliteConnectOptions::from_str(url).ok()?;
        url.starts_with("sqlite:").then(|| options.get_filename().to_path_buf())
    }

    /// Answers when the database does.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        super::one(&self.connection, "SELECT 1", []).await.map(drop)
    }

    /// Answers when the database takes writes: a full disk and a read-only file are found out before a load is.
    ///
    /// # Errors
    /// What it says to a write; for PostgreSQL, that it is read-only.
    pub async fn ping_writable(&self) -> Result<(), DbErr> {
        match &self.pool {
            Pool::Postgres(..) => {
                let sql = "SELECT current_setting('transaction_read_only') AS read_only";
                let row = super::one(&self.connection, sql, []).await?;
                match row.map(|row| row.try_get::<String>("", "read_only")).transpose()?.as_deref() {
                    Some("on") => Err(DbErr::Custom("it is read-only".to_owned())),
                    _ => Ok(()),
                }
            }
            Pool::Sqlite(pool) => {
                self.ping().await?;
                // Somebody who writes at this moment is proof enough.
                let Ok(_writer) = self.writer.try_lock() else { return Ok(()) };
                let mut connection = pool.acquire().await.map_err(connection_error)?;
                write_header(&mut connection).await
            }
        }
    }

    #[must_use]
    pub fn pool_state(&self) -> PoolState {
        let (size, idle, max) = match &self.pool {
            Pool::Postgres(pool, _) => (pool.size(), pool.num_idle(), pool.options().get_max_connections()),
            Pool::Sqlite(pool) => (pool.size(), pool.num_idle(), pool.options().get_max_connections()),
        };
        let idle = u32::try_from(idle).unwrap_or(u32::MAX).min(size);
        let own = PoolState { idle, busy: size - idle, available: (max + idle).saturating_sub(size), max };
        let Some(control) = self.control.as_ref().map(|control| control.pool_state()) else { return own };
        PoolState { idle: idle + control.idle, busy: own.busy + control.busy, max: max + control.max, ..own }
    }

    /// True when the database answers, though over none of the connections there are: only a new process has others.
    pub async fn is_cut_off(&self) -> bool {
        let Pool::Postgres(pool, _) = &self.pool else { return false };
        let pinged = async || matches!(tokio::time::timeout(reach::PATIENCE, self.ping()).await, Ok(Ok(())));
        reach::answers(&pool.connect_options()).await && !pinged().await
    }

    /// Waits for the connections in use and closes all; not for ever for those of PostgreSQL, which may be silent.
    pub async fn close(&self) {
        for database in [Some(self), self.control.as_deref()].into_iter().flatten() {
            match &database.pool {
                Pool::Postgres(pool, _) => {
                    if tokio::time::timeout(CLOSING, pool.close()).await.is_err() {
                        tracing::warn!("connections to the database did not close in time and were dropped");
                    }
                }
                Pool::Sqlite(pool) => pool.close().await,
            }
        }
    }
}

fn postgres_options(url: &str) -> Result<PgConnectOptions, DbErr> {
    let options = PgConnectOptions::from_str(url).map_err(connection_error)?;
    Ok(options.application_name("datainfra").disable_statement_logging())
}

/// The smallest write there is: a number in the file's header that nobody reads. Another process that holds the lock
/// is proof that writing goes.
async fn write_header(connection: &mut SqliteConnection) -> Result<(), DbErr> {
    let number = fastrand::i32(0..);
    match sqlx::query(AssertSqlSafe(format!("PRAGMA user_version = {number}"))).execute(connection).await {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code == "5") => Ok(()),
        Err(error) => Err(DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))),
    }
}

fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
}
