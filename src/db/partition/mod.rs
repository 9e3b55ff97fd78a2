//! Tables in partitions, each the rows of some years: made out of plain tables, made plain again, and extended before
//! the years of the last partition are over. PostgreSQL only.
//!
//! Knows no table: whoever owns one says which, and by which of its columns. What is partitioned, and how, is read from
//! the database's own catalogue and kept nowhere else.

mod carried;
mod catalogue;
mod extend;
#[cfg(feature = "timescaledb")]
mod hypertable;
mod locked;
mod make;
mod rebuild;
mod span;

use sea_orm::DbErr;

pub use catalogue::{Partition, State, bytes, count, state};
pub use extend::extend;
#[cfg(feature = "timescaledb")]
pub use hypertable::{hypertables, lock_for_hypertables};
pub use locked::lock;
pub use rebuild::{Rebuilt, analyze, partition, unpartition};
pub use span::{Range, Span};

/// A table that can be partitioned, and the column of days that says into which partition a row belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranged {
    pub table: &'static str,
    pub column: &'static str,
}

#[derive(Debug, thiserror::Error)]
pub enum PartitionError {
    #[error(transparent)]
    Database(#[from] DbErr),
    /// What stands in the way, as a sentence.
    #[error("{0}")]
    Refused(String),
}
