//! Troubles as each hook knows them: the newest of each kind and subject.

use sea_orm::QueryResult;

use crate::{
    alerts::{incident::Incident, settings::Event},
    db::{Connection, DbError, all, execute, one},
};

const COLUMNS: &str = "event, subject, since, last_at, occurrences, told_at, reopened, closed_at, run_id, counted_to";

/// The newest trouble of a kind and subject, over or not.
///
/// # Errors
/// What the database says.
pub async fn find_incident(
    connection: &impl Connection,
    hook: &str,
    event: Event,
    subject: &str,
) -> Result<Option<Incident>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM alert_incident WHERE hook = $1 AND event = $2 AND subject = $3");
    let row = one(connection, &sql, [hook.into(), event.as_str().into(), subject.into()]).await?;
    row.as_ref().map(incident).transpose()
}

/// The troubles of jobs that last: kind, job and what is known of it. Conditions end otherwise than by a run.
///
/// # Errors
/// What the database says.
pub async fn open_incidents(
    connection: &impl Connection,
    hook: &str,
) -> Result<Vec<(Event, String, Incident)>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM alert_incident WHERE hook = $1 AND closed_at IS NULL AND event <> 'stale' \
         ORDER BY subject, event"
    );
    let rows = all(connection, &sql, [hook.into()]).await?;
    rows.iter()
        .map(|row| {
            let word: String = row.try_get("", "event")?;
            let event = Event::parse(&word).ok_or_else(|| DbError::Type(format!("unknown word {word:?}")))?;
            Ok((event, row.try_get("", "subject")?, incident(row)?))
        })
        .collect()
}

/// Writes down what is known of a trouble.
///
/// # Errors
/// What the database says.
pub async fn save_incident(
    connection: &impl Connection,
    hook: &str,
    event: Event,
    subject: &str,
    incident: &Incident,
) -> Result<(), DbError> {
    let sql = "INSERT INTO alert_incident (hook, event, subject, since, last_at, occurrences, told_at, reopened, \
               closed_at, run_id, counted_to) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
               ON CONFLICT (hook, event, subject) DO UPDATE SET since = excluded.since, last_at = excluded.last_at, \
               occurrences = excluded.occurrences, told_at = excluded.told_at, reopened = excluded.reopened, \
               closed_at = excluded.closed_at, run_id = excluded.run_id, counted_to = excluded.counted_to";
    let values = [
        hook.into(),
        event.as_str().into(),
        subject.into(),
        incident.since.into(),
        incident.last_at.into(),
        i64::try_from(incident.occurrences).unwrap_or(i64::MAX).into(),
        incident.told_at.into(),
        i32::try_from(incident.reopened).unwrap_or(i32::MAX).into(),
        incident.closed_at.into(),
        incident.run.clone().into(),
        incident.counted_to.into(),
    ];
    execute(connection, sql, values).await.map(drop)
}

fn incident(row: &QueryResult) -> Result<Incident, DbError> {
    Ok(Incident {
        since: row.try_get("", "since")?,
        last_at: row.try_get("", "last_at")?,
        occurrences: row.try_get::<i64>("", "occurrences")?.unsigned_abs(),
        told_at: row.try_get("", "told_at")?,
        reopened: row.try_get::<i32>("", "reopened")?.unsigned_abs(),
        closed_at: row.try_get("", "closed_at")?,
        run: row.try_get("", "run_id")?,
        counted_to: row.try_get("", "counted_to")?,
    })
}
