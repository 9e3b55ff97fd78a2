//! Reading for longer than a statement takes: one state of the database, however long its reader needs.

use sea_orm::{DbErr, QueryResult, Value};
use tokio::sync::OwnedSemaphorePermit;
use tracing::{Dispatch, instrument::WithSubscriber as _};

use super::{Database, Dialect, Transaction, all, execute};

/// How long a reader may take between two statements: his connection is lost then, and with it his answer.
const PATIENCE: &str = "SET LOCAL idle_in_transaction_session_timeout = '30s'";

/// One state of the database; it keeps a connection until it is dropped.
pub struct Snapshot {
    transaction: Transaction,
    _place: OwnedSemaphorePermit,
}

#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error(transparent)]
    Database(#[from] DbErr),
    /// Too many others read for long at this moment.
    #[error("too many long answers are under way")]
    Busy,
}

impl Snapshot {
    pub(super) async fn begin(transaction: Transaction, place: OwnedSemaphorePermit) -> Result<Self, SnapshotError> {
        if Dialect::of(&transaction) == Dialect::Postgres {
            execute(&transaction, PATIENCE, []).await?;
        }
        Ok(Self { transaction, _place: place })
    }

    /// For the functions that read.
    #[must_use]
    pub fn connection(&self) -> &Transaction {
        &self.transaction
    }
}

/// Where a reader reads: as things stand at each statement, or in one state of them.
pub enum View {
    Now(Database),
    Snapshot(Snapshot),
}

impl View {
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Now(database) => Dialect::of(database.connection()),
            Self::Snapshot(snapshot) => Dialect::of(snapshot.connection()),
        }
    }

    /// All rows of a statement; for answers whose size is bounded.
    ///
    /// # Errors
    /// What the database says.
    pub async fn all(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<Vec<QueryResult>, DbErr> {
        let rows = async {
            match self {
                Self::Now(database) => all(database.connection(), sql, values).await,
                Self::Snapshot(snapshot) => all(snapshot.connection(), sql, values).await,
            }
        };
        // sqlx enters its caller's span anew for each row, which costs a quarter of reading it and tells nothing.
        rows.with_subscriber(Dispatch::none()).await
    }
}
