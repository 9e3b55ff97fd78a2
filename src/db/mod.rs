//! The database: connecting, transactions, migrations, and what differs between SQLite and PostgreSQL.
//!
//! Knows no table. Queries live in the `store` of whoever owns the table.

mod area;
mod backup;
mod columns;
mod compatible;
mod connect;
mod dialect;
mod error;
mod file_lock;
mod migrate;
pub mod partition;
mod patience;
mod reach;
pub mod settings;
mod silence;
mod snapshot;
mod sql;
mod transaction;

pub use area::{AREA, Area};
pub use backup::BackupError;
pub use columns::Columns;
pub use compatible::compatible;
pub use connect::{Database, PoolState};
pub use dialect::{Dialect, instant_text};
pub use error::{interrupted, is_conflict, is_unavailable, said};
pub use file_lock::{FileLock, FileLockError};
pub use migrate::{
    Migrated, Migrating, MigrationState, adoptable, fresh, migrate_down, migrate_up, migrate_up_telling,
    migration_status,
};
pub use patience::persist;
pub use snapshot::{Snapshot, SnapshotError, View};
pub use sql::{Places, all, execute, one};
pub use transaction::Transaction;

/// What a function that reads or writes takes: a pool or a transaction.
pub use sea_orm::ConnectionTrait as Connection;
/// The error of every database call.
pub use sea_orm::DbErr as DbError;
