//! Requests that were answered already.

use chrono::{DateTime, Utc};

use super::rows;
use crate::{
    db::{Connection, DbError, Dialect, execute, one},
    jobs::run::RunId,
};

/// What is known of an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remembered {
    /// Never seen.
    New,
    /// The same request made this run.
    Same(RunId),
    /// The key came with another request.
    Other,
}

/// # Errors
/// What the database says.
pub async fn recall(connection: &impl Connection, key: &str, request_hash: &str) -> Result<Remembered, DbError> {
    let sql = "SELECT request_hash, run_id FROM idempotency WHERE key = $1";
    let Some(row) = one(connection, sql, [key.into()]).await? else { return Ok(Remembered::New) };
    if row.try_get::<String>("", "request_hash")? != request_hash {
        return Ok(Remembered::Other);
    }
    Ok(Remembered::Same(rows::run_id(&row.try_get::<String>("", "run_id")?)?))
}

/// Remembers a key with the run it made. False when another request was faster with it.
///
/// # Errors
/// What the database says.
pub async fn remember(
    connection: &impl Connection,
    key: &str,
    request_hash: &str,
    run: &RunId,
) -> Result<bool, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "INSERT INTO idempotency (key, request_hash, run_id, created_at) VALUES ($1, $2, $3, {now}) \
         ON CONFLICT (key) DO NOTHING"
    );
    Ok(execute(connection, &sql, [key.into(), request_hash.into(), run.as_str().into()]).await? == 1)
}

/// Forgets keys of requests before an instant.
///
/// # Errors
/// What the database says.
pub async fn forget_before(connection: &impl Connection, before: DateTime<Utc>) -> Result<u64, DbError> {
    execute(connection, "DELETE FROM idempotency WHERE created_at < $1", [before.into()]).await
}
