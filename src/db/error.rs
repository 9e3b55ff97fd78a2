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
        // PostgreSQL: connection exceptions, a session ended within a transaction that lay idle, insufficient resources,
        // operator intervention, serialization failures and deadlocks; SQLite: BUSY (5) and its extended codes.
        sqlx::Error::Database(e) => e.code().is_some_and(|code| {
            ["08", "25P03", "53", "57P", "40"].iter().any(|class| code.len() == 5 && code.starts_with(class))
                || matches!(code.as_ref(), "5" | "261" | "517" | "773")
        }),
        _ => false,
    }
}
