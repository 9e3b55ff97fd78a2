//! The few places where the two databases want other words.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend};

/// SQL fragments for the database at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    #[must_use]
    pub fn of(connection: &impl ConnectionTrait) -> Self {
        if connection.get_database_backend() == DbBackend::Postgres { Self::Postgres } else { Self::Sqlite }
    }

    /// The database's clock, an instant.
    #[must_use]
    pub fn now(self) -> &'static str {
        match self {
            Self::Postgres => "clock_timestamp()",
            Self::Sqlite => "strftime('%Y-%m-%dT%H:%M:%f+00:00','now')",
        }
    }

    /// The database's clock and so much more.
    #[must_use]
    pub fn now_plus(self, span: Duration) -> String {
        let seconds = span.as_secs_f64();
        match self {
            Self::Postgres => format!("clock_timestamp() + interval '{seconds} seconds'"),
            Self::Sqlite => format!("strftime('%Y-%m-%dT%H:%M:%f+00:00','now','{seconds:+} seconds')"),
        }
    }

    /// The database's clock as the tables of the original keep it: UTC without a zone.
    #[must_use]
    pub fn timestamp_now(self) -> &'static str {
        match self {
            Self::Postgres => "(clock_timestamp() AT TIME ZONE 'UTC')",
            Self::Sqlite => "strftime('%Y-%m-%d %H:%M:%f','now')",
        }
    }

    /// Locks the rows of a `SELECT` until the transaction ends. SQLite's writer holds the whole file already.
    #[must_use]
    pub fn for_update(self) -> &'static str {
        match self {
            Self::Postgres => "FOR UPDATE",
            Self::Sqlite => "",
        }
    }

    /// The same for rows that nobody else has locked; the others are passed over.
    #[must_use]
    pub fn for_update_skip_locked(self) -> &'static str {
        match self {
            Self::Postgres => "FOR UPDATE SKIP LOCKED",
            Self::Sqlite => "",
        }
    }

    /// The seconds from one instant to another, with their fractions.
    #[must_use]
    pub fn seconds_between(self, from: &str, to: &str) -> String {
        match self {
            Self::Postgres => format!("extract(epoch from {to} - {from})"),
            Self::Sqlite => format!("((julianday({to}) - julianday({from})) * 86400.0)"),
        }
    }
}
