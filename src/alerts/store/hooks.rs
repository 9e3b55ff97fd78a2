//! How far each hook has looked. Its row is the lock of whoever looks for it.

use chrono::{DateTime, Utc};

use crate::db::{Connection, DbError, Dialect, execute, one};

/// A hook's row, with the database's time of reading it.
#[derive(Clone, Copy, Debug)]
pub struct HookState {
    pub created_at: DateTime<Utc>,
    pub observed_until: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

/// The hook's row, made when it is met for the first time: nothing before that is told.
///
/// # Errors
/// What the database says.
pub async fn meet_hook(connection: &impl Connection, hook: &str) -> Result<HookState, DbError> {
    read(connection, hook, "").await
}

/// The same, and nobody else looks for this hook until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn lock_hook(connection: &impl Connection, hook: &str) -> Result<HookState, DbError> {
    read(connection, hook, Dialect::of(connection).for_update()).await
}

/// Everything up to an instant has been looked at.
///
/// # Errors
/// What the database says.
pub async fn observed(connection: &impl Connection, hook: &str, until: DateTime<Utc>) -> Result<(), DbError> {
    let sql = "UPDATE alert_hook SET observed_until = $2 WHERE hook = $1 AND observed_until < $2";
    execute(connection, sql, [hook.into(), until.into()]).await.map(drop)
}

async fn read(connection: &impl Connection, hook: &str, lock: &str) -> Result<HookState, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!("SELECT created_at, observed_until, {now} AS now FROM alert_hook WHERE hook = $1 {lock}");
    let mut row = one(connection, &sql, [hook.into()]).await?;
    if row.is_none() {
        let make = format!(
            "INSERT INTO alert_hook (hook, created_at, observed_until) VALUES ($1, {now}, {now}) \
             ON CONFLICT (hook) DO NOTHING"
        );
        execute(connection, &make, [hook.into()]).await?;
        row = one(connection, &sql, [hook.into()]).await?;
    }
    let row = row.ok_or_else(|| DbError::RecordNotFound(format!("the row of hook {hook}")))?;
    Ok(HookState {
        created_at: row.try_get("", "created_at")?,
        observed_until: row.try_get("", "observed_until")?,
        now: row.try_get("", "now")?,
    })
}
