//! The few places where the two databases want other words.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
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

    /// The database's clock and so much less.
    #[must_use]
    pub fn now_minus(self, span: Duration) -> String {
        let seconds = span.as_secs_f64();
        match self {
            Self::Postgres => format!("clock_timestamp() - interval '{seconds} seconds'"),
            Self::Sqlite => format!("strftime('%Y-%m-%dT%H:%M:%f+00:00','now','{:+} seconds')", -seconds),
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

    /// A table `r` out of one parameter, a JSON array of objects: one statement text for any number of rows.
    /// `columns` are names with PostgreSQL's types; instants are written by [`instant_text`].
    #[must_use]
    pub fn rows(self, place: &str, columns: &[(&str, &str)]) -> String {
        let list = |each: &dyn Fn(&str, &str) -> String| {
            columns.iter().map(|(name, kind)| each(name, kind)).collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Postgres => {
                format!("json_to_recordset({place}::json) AS r({})", list(&|name, kind| format!("{name} {kind}")))
            }
            Self::Sqlite => {
                let columns = list(&|name, _| format!("value->>'{name}' AS {name}"));
                format!("(SELECT {columns} FROM json_each({place})) AS r")
            }
        }
    }

    /// The texts of one parameter, a JSON array of texts, as a subquery.
    #[must_use]
    pub fn texts(self, place: &str) -> String {
        match self {
            Self::Postgres => format!("(SELECT json_array_elements_text({place}::json))"),
            Self::Sqlite => format!("(SELECT value FROM json_each({place}))"),
        }
    }

    /// Locks the rows of a `SELECT` and leaves out those that somebody else has locked.
    #[must_use]
    pub fn for_update_skip_locked(self) -> &'static str {
        match self {
            Self::Postgres => "FOR UPDATE SKIP LOCKED",
            Self::Sqlite => "",
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

    /// The seconds from one instant to another, with their fractions.
    #[must_use]
    pub fn seconds_between(self, from: &str, to: &str) -> String {
        match self {
            Self::Postgres => format!("extract(epoch from {to} - {from})"),
            Self::Sqlite => format!("((julianday({to}) - julianday({from})) * 86400.0)"),
        }
    }
}

/// An instant inside a JSON parameter, in the form in which SQLite keeps those bound alone.
#[must_use]
pub fn instant_text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}
