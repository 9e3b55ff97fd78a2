//! Alerts and what becomes of telling them: claimed with a lease, one hook's in the order they were made.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{
    alerts::settings::Event,
    db::{Connection, DbError, Dialect, all, execute, one},
    jobs::store::trace_context,
    telemetry::trace::TraceContext,
};

/// Something that happened, to be told or kept quiet.
#[derive(Clone, Debug)]
pub struct NewAlert<'a> {
    pub id: &'a str,
    pub hook: &'a str,
    /// What happened, by name: one row for each hook.
    pub key: &'a str,
    pub event: Event,
    pub subject: &'a str,
    pub message: &'a str,
    pub payload: &'a str,
    pub told: bool,
    /// Where what is told stands in a trace.
    pub context: Option<TraceContext>,
}

/// Records an alert. False when the hook has it already.
///
/// # Errors
/// What the database says.
pub async fn insert_alert(connection: &impl Connection, alert: &NewAlert<'_>) -> Result<bool, DbError> {
    let now = Dialect::of(connection).now();
    let ended = if alert.told { "NULL" } else { now };
    let sql = format!(
        "INSERT INTO alert (id, hook, key, event, subject, message, payload, state, made_at, next_attempt_at, ended_at, \
         traceparent, tracestate) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {now}, {now}, {ended}, $9, $10) ON CONFLICT (hook, key) DO NOTHING"
    );
    let context = alert.context.as_ref();
    let values = [
        alert.id.into(),
        alert.hook.into(),
        alert.key.into(),
        alert.event.as_str().into(),
        alert.subject.into(),
        alert.message.into(),
        alert.payload.into(),
        if alert.told { "pending" } else { "suppressed" }.into(),
        context.map(TraceContext::traceparent).into(),
        context.and_then(TraceContext::tracestate).into(),
    ];
    Ok(execute(connection, &sql, values).await? == 1)
}

/// An alert that is ours to send until its lease ends.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub id: String,
    pub event: String,
    pub subject: String,
    pub message: String,
    pub payload: String,
    /// This one included; also the fence: whoever claims it after the lease counts one more.
    pub attempts: u32,
    /// The database's time of the claim.
    pub now: DateTime<Utc>,
    /// Where what is told stands in a trace.
    pub context: Option<TraceContext>,
}

/// Claims the hook's oldest alert that is not told yet; none when there is none, its time has not come, or another is
/// sending it. Younger ones wait behind it, so that they arrive in order.
///
/// # Errors
/// What the database says.
pub async fn next_delivery(
    connection: &impl Connection,
    hook: &str,
    lease: Duration,
) -> Result<Option<Claimed>, DbError> {
    let dialect = Dialect::of(connection);
    let (now, until) = (dialect.now(), dialect.now_plus(lease));
    // Nothing to send is the usual answer, and needs no writer.
    let oldest = format!(
        "SELECT id FROM alert WHERE hook = $1 AND state = 'pending' AND next_attempt_at <= {now} \
         AND (lease_until IS NULL OR lease_until <= {now}) \
         AND id = (SELECT id FROM alert WHERE hook = $1 AND state = 'pending' ORDER BY made_at, id LIMIT 1)"
    );
    let Some(row) = one(connection, &oldest, [hook.into()]).await? else { return Ok(None) };
    let id: String = row.try_get("", "id")?;
    let sql = format!(
        "UPDATE alert SET lease_until = {until}, attempts = attempts + 1 WHERE id = $1 AND state = 'pending' \
         AND next_attempt_at <= {now} AND (lease_until IS NULL OR lease_until <= {now}) \
         RETURNING id, event, subject, message, payload, attempts, {now} AS now, traceparent, \
         tracestate"
    );
    let Some(row) = one(connection, &sql, [id.into()]).await? else { return Ok(None) };
    Ok(Some(Claimed {
        id: row.try_get("", "id")?,
        event: row.try_get("", "event")?,
        subject: row.try_get("", "subject")?,
        message: row.try_get("", "message")?,
        payload: row.try_get("", "payload")?,
        attempts: row.try_get::<i32>("", "attempts")?.unsigned_abs(),
        now: row.try_get("", "now")?,
        context: trace_context(&row)?,
    }))
}

/// The receiver has it. False when the claim was no longer ours.
///
/// # Errors
/// What the database says.
pub async fn delivered(connection: &impl Connection, claimed: &Claimed) -> Result<bool, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!("UPDATE alert SET state = 'sent', error = NULL, ended_at = {now}, lease_until = NULL {OURS}");
    Ok(execute(connection, &sql, ours(claimed)).await? == 1)
}

/// It is not tried again. False when the claim was no longer ours.
///
/// # Errors
/// What the database says.
pub async fn give_up(connection: &impl Connection, claimed: &Claimed, reason: &str) -> Result<bool, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!("UPDATE alert SET state = 'failed', error = $3, ended_at = {now}, lease_until = NULL {OURS}");
    let [id, attempts] = ours(claimed);
    Ok(execute(connection, &sql, [id, attempts, reason.into()]).await? == 1)
}

/// It is tried again after a wait.
///
/// # Errors
/// What the database says.
pub async fn postpone(
    connection: &impl Connection,
    claimed: &Claimed,
    wait: Duration,
    reason: &str,
) -> Result<bool, DbError> {
    let at = Dialect::of(connection).now_plus(wait);
    let sql = format!("UPDATE alert SET next_attempt_at = {at}, error = $3, lease_until = NULL {OURS}");
    let [id, attempts] = ours(claimed);
    Ok(execute(connection, &sql, [id, attempts, reason.into()]).await? == 1)
}

const OURS: &str = "WHERE id = $1 AND attempts = $2 AND state = 'pending'";

fn ours(claimed: &Claimed) -> [sea_orm::Value; 2] {
    [claimed.id.as_str().into(), i32::try_from(claimed.attempts).unwrap_or(i32::MAX).into()]
}

/// Gives up what was made before an instant and is not told yet; nobody needs it any more. Gives event, subject and
/// the last reason of each.
///
/// # Errors
/// What the database says.
pub async fn give_up_old(
    connection: &impl Connection,
    hook: &str,
    before: DateTime<Utc>,
) -> Result<Vec<(String, String, Option<String>)>, DbError> {
    let old = "SELECT 1 FROM alert WHERE hook = $1 AND state = 'pending' AND made_at < $2 LIMIT 1";
    if one(connection, old, [hook.into(), before.into()]).await?.is_none() {
        return Ok(Vec::new());
    }
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE alert SET state = 'failed', ended_at = {now}, lease_until = NULL WHERE hook = $1 AND state = 'pending' \
         AND made_at < $2 AND (lease_until IS NULL OR lease_until <= {now}) RETURNING event, subject, error"
    );
    let rows = all(connection, &sql, [hook.into(), before.into()]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "event")?, row.try_get("", "subject")?, row.try_get("", "error")?)))
        .collect()
}

/// Deletes alerts made before an instant, those kept quiet before a later one, and troubles that were over by the
/// first. Gives the number of alerts.
///
/// # Errors
/// What the database says.
pub async fn forget(
    connection: &impl Connection,
    before: DateTime<Utc>,
    suppressed_before: DateTime<Utc>,
) -> Result<u64, DbError> {
    execute(connection, "DELETE FROM alert_incident WHERE closed_at < $1", [before.into()]).await?;
    let sql = "DELETE FROM alert WHERE made_at < $1 OR (state = 'suppressed' AND made_at < $2)";
    execute(connection, sql, [before.into(), suppressed_before.into()]).await
}
