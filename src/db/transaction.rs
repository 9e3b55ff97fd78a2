//! A transaction that serves sea-orm's statements and, on PostgreSQL, arrays bound by sqlx.
//!
//! sea-orm's own transaction keeps its connection to itself, and the bulk statements must run inside the transaction
//! that checks the fence. So this one holds sqlx's transaction and is a sea-orm connection like any other.

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Postgres, Sqlite, postgres::PgArguments, query::Query};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_util::task::TaskTracker;

use super::connect::Pool;

/// Rolled back when dropped without [`commit`](Self::commit).
pub struct Transaction {
    inner: Mutex<Inner>,
    backend: DbBackend,
    _writer: Option<OwnedMutexGuard<()>>,
}

enum Inner {
    Postgres(sqlx::Transaction<'static, Postgres>),
    Sqlite(sqlx::Transaction<'static, Sqlite>),
}

impl Transaction {
    pub(super) async fn begin(pool: &Pool, writer: &Arc<Mutex<()>>) -> Result<Self, DbErr> {
        match pool {
            Pool::Postgres(pool, silence) => {
                let (pool, silence) = (pool.clone(), silence.clone());
                let inner = Inner::Postgres(uncancelled(async move { silence.begin(pool.begin()).await }).await?);
                Ok(Self { inner: Mutex::new(inner), backend: DbBackend::Postgres, _writer: None })
            }
            Pool::Sqlite(pool) => {
                let guard = Arc::clone(writer).lock_owned().await;
                // Taking the write lock at once: a read that becomes a write later cannot be retried by SQLite.
                let inner = Inner::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await.map_err(exec_error)?);
                Ok(Self { inner: Mutex::new(inner), backend: DbBackend::Sqlite, _writer: Some(guard) })
            }
        }
    }

    /// Begins one that only reads, and sees one state of the database to its end.
    pub(super) async fn snapshot(pool: &Pool) -> Result<Self, DbErr> {
        let (inner, backend) = match pool {
            Pool::Postgres(pool, silence) => {
                let (pool, silence) = (pool.clone(), silence.clone());
                let begin = async move {
                    silence.begin(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")).await
                };
                (Inner::Postgres(uncancelled(begin).await?), DbBackend::Postgres)
            }
            Pool::Sqlite(pool) => {
                let pool = pool.clone();
                let begin = async move { pool.begin_with("BEGIN DEFERRED").await };
                (Inner::Sqlite(uncancelled(begin).await?), DbBackend::Sqlite)
            }
        };
        Ok(Self { inner: Mutex::new(inner), backend, _writer: None })
    }

    /// # Errors
    /// When the database refuses or the connection is lost: then nothing was written, or the outcome is unknown.
    pub async fn commit(self) -> Result<(), DbErr> {
        match self.inner.into_inner() {
            Inner::Postgres(tx) => tx.commit().await.map_err(exec_error),
            Inner::Sqlite(tx) => tx.commit().await.map_err(exec_error),
        }
    }

    /// Executes a statement of sqlx's own, for parameters sea-orm has no values for; PostgreSQL only.
    ///
    /// # Errors
    /// What the database says.
    pub async fn execute_postgres(&self, query: Query<'_, Postgres, PgArguments>) -> Result<u64, DbErr> {
        let mut inner = self.inner.lock().await;
        let Inner::Postgres(tx) = &mut *inner else {
            return Err(DbErr::Custom("a statement of PostgreSQL's".into()));
        };
        query.execute(&mut **tx).await.map(|done| done.rows_affected()).map_err(exec_error)
    }
}

/// Begins a transaction to the end, also when nobody waits for it any more: then it is rolled back. A future of sqlx's
/// that is dropped between `BEGIN` and its answer leaves the connection inside a transaction that nobody knows of, and
/// whoever gets it next writes into that.
async fn uncancelled<T: Send + 'static>(
    begin: impl Future<Output = Result<T, sqlx::Error>> + Send + 'static,
) -> Result<T, DbErr> {
    let begun = TaskTracker::new().spawn(begin).await;
    begun.unwrap_or(Err(sqlx::Error::WorkerCrashed)).map_err(exec_error)
}

/// Runs `$call` on whichever connection this is, with the statement bound.
macro_rules! on_connection {
    ($self:ident, $statement:ident, |$query:ident, $connection:ident| $call:expr) => {{
        let values = SqlxValues($statement.values.unwrap_or(Values(Vec::new())));
        let sql = AssertSqlSafe($statement.sql);
        match &mut *$self.inner.lock().await {
            Inner::Postgres(tx) => {
                let ($query, $connection) = (sqlx::query_with::<Postgres, _>(sql, values), &mut **tx);
                $call
            }
            Inner::Sqlite(tx) => {
                let ($query, $connection) = (sqlx::query_with::<Sqlite, _>(sql, values), &mut **tx);
                $call
            }
        }
    }};
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        on_connection!(self, statement, |query, connection| query
            .execute(connection)
            .await
            .map(Into::into)
            .map_err(exec_error))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.execute_raw(Statement::from_string(self.backend, sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        on_connection!(self, statement, |query, connection| query
            .fetch_optional(connection)
            .await
            .map(|row| row.map(Into::into))
            .map_err(query_error))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        on_connection!(self, statement, |query, connection| query
            .fetch_all(connection)
            .await
            .map(|rows| rows.into_iter().map(Into::into).collect())
            .map_err(query_error))
    }
}

fn exec_error(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}

fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}
