//! What can be done about a database error.

use sea_orm::{DbErr, RuntimeErr};

/// The database is away, overloaded or restarting: the same statement may succeed later.
#[must_use]
pub fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e)) => sqlx_unavailable(e),
        _ => false,
    }
}

/// The error of a write that was given up on its way: as with a lost connection, its outcome is unknown.
#[must_use]
pub fn interrupted() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the write was interrupted".to_owned()))
}

/// An error as people are told it: without the kinds it is wrapped in, and without the line of PostgreSQL's own source.
#[must_use]
pub fn said(error: &DbErr) -> String {
    match error {
        DbErr::Conn(RuntimeErr::Internal(text)) => text.clone(),
        DbErr::Conn(RuntimeErr::SqlxError(e))
        | DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e)) => cause(e),
        other => other.to_string(),
    }
}

pub(super) fn cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(error) => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_owned()
        }
        sqlx::Error::Database(error) => error.message().to_owned(),
        other => other.to_string(),
    }
}

/// Somebody else wrote the same row first: reading again and writing what then differs succeeds.
#[must_use]
pub fn is_conflict(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

fn sqlx_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(e) => e.code().is_some_and(|code| is_passing(&code)),
        _ => false,
    }
}

fn is_passing(code: &str) -> bool {
    match code.parse::<u32>() {
        // SQLite, whose extended codes hold the primary one in their last byte: BUSY, READONLY, IOERR, FULL, CANTOPEN.
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 8 | 10 | 13 | 14),
        // PostgreSQL: connection exceptions, a password or role that is being changed, a transaction that failed or lay idle too long, insufficient resources, operator intervention, serialization failures and deadlocks, a server that takes no writes now.
        _ => {
            ["08", "28", "25P02", "25P03", "53", "57P", "40"].iter().any(|class| code.starts_with(class))
                || code == "25006"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_stays() {
        for code in [
            "5", "261", "8", "1032", "10", "778", "13", "14", "08006", "28P01", "28000", "25P02", "25P03", "53100",
            "57P01", "40P01", "25006",
        ] {
            assert!(is_passing(code), "{code}");
        }
        for code in ["1", "11", "19", "2067", "23505", "42P01", "57014", "22003"] {
            assert!(!is_passing(code), "{code}");
        }
    }
}
