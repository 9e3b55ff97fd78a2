//! The answers of sources, compressed.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use sea_orm::{QueryResult, Value};
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

use crate::crawl::archive::{Answered, ArchivedFetch, Recording};
use crate::crawl::raw_answer::RawAnswer;
use crate::db::{Connection, Database, DbError, Dialect, all, execute, one};

/// No body is larger when it comes; a larger one is not what was written.
const MOST_BODY: u64 = 64 << 20;
/// As wide as the column.
const LONGEST_KEY: usize = 64;

const COLUMNS: &str = "id, source, subject, subject_key, url, status, content_type, outcome, reason, body, body_bytes, \
                       stored_bytes, fetched_at, fetch_id";

/// An answer ready to be written.
pub struct Compressed {
    answer: Answered,
    body: Vec<u8>,
    at: Instant,
}

impl Compressed {
    /// Takes its time: for a thread that may block.
    #[must_use]
    pub fn new(answer: Answered, at: Instant) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        // Writing to memory cannot fail.
        let _ = encoder.write_all(&answer.raw.body);
        Self { body: encoder.finish().unwrap_or_default(), answer, at }
    }

    #[must_use]
    pub fn source(&self) -> &'static str {
        self.answer.source
    }

    fn values(&self, now: DateTime<Utc>) -> [Value; 14] {
        let Answered { source, subject, raw, outcome, reason } = &self.answer;
        let fetched_at = now - TimeDelta::from_std(self.at.elapsed()).unwrap_or_default();
        let key: String = plain(subject.key()).chars().take(LONGEST_KEY).collect();
        [
            Uuid::now_v7().to_string().into(),
            (*source).into(),
            plain(subject.text()).into(),
            key.into(),
            plain(raw.url.as_str()).into(),
            i32::from(raw.status).into(),
            raw.content_type.as_deref().map(plain).into(),
            (*outcome).into(),
            plain(reason).into(),
            self.body.clone().into(),
            size(&raw.body).into(),
            size(&self.body).into(),
            fetched_at.into(),
            subject.fetch().into(),
        ]
    }
}

/// PostgreSQL's text has no NUL.
fn plain(text: &str) -> String {
    text.replace('\0', "")
}

fn size(bytes: &[u8]) -> i64 {
    i64::try_from(bytes.len()).unwrap_or(i64::MAX)
}

/// Writes answers down, all or none. Gives the compressed bytes.
///
/// # Errors
/// What the database says.
pub async fn keep(database: &Database, answers: &[Compressed]) -> Result<u64, DbError> {
    let transaction = database.begin().await?;
    let now = format!("SELECT {} AS now", Dialect::of(&transaction).now());
    let row = one(&transaction, &now, []).await?;
    let now: DateTime<Utc> =
        row.ok_or_else(|| DbError::RecordNotFound("the database's clock".to_owned()))?.try_get("", "now")?;
    let sql = format!(
        "INSERT INTO source_answer ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
    );
    for answer in answers {
        execute(&transaction, &sql, answer.values(now)).await?;
    }
    transaction.commit().await?;
    Ok(answers.iter().map(|answer| answer.body.len() as u64).sum())
}

/// Which fetches to list.
#[derive(Clone, Copy, Debug)]
pub struct FetchFilter<'a> {
    pub source: &'a str,
    /// Answers that arrived from then on.
    pub since: DateTime<Utc>,
    /// Answers that arrived before.
    pub until: DateTime<Utc>,
}

/// The fetches about `key`, in the order of their times.
///
/// # Errors
/// What the database says.
pub async fn fetches(
    connection: &impl Connection,
    filter: &FetchFilter<'_>,
    key: &str,
) -> Result<Vec<ArchivedFetch>, DbError> {
    let sql = "SELECT fetch_id, MIN(subject) AS subject, MAX(fetched_at) AS at FROM source_answer \
               WHERE source = $1 AND subject_key = $2 AND fetched_at >= $3 AND fetched_at < $4 \
               GROUP BY fetch_id ORDER BY MAX(fetched_at), fetch_id";
    let values = [filter.source.into(), key.into(), filter.since.into(), filter.until.into()];
    let rows = all(connection, sql, values).await?;
    let fetch = |row: &QueryResult| {
        Ok(ArchivedFetch {
            id: row.try_get("", "fetch_id")?,
            subject: row.try_get("", "subject")?,
            at: row.try_get("", "at")?,
        })
    };
    rows.iter().map(fetch).collect()
}

/// What fetches were about, each key once, in order.
///
/// # Errors
/// What the database says.
pub async fn keys(connection: &impl Connection, filter: &FetchFilter<'_>) -> Result<Vec<String>, DbError> {
    let sql = "SELECT DISTINCT subject_key FROM source_answer \
               WHERE source = $1 AND fetched_at >= $2 AND fetched_at < $3 ORDER BY subject_key";
    let rows = all(connection, sql, [filter.source.into(), filter.since.into(), filter.until.into()]).await?;
    rows.iter().map(|row| row.try_get("", "subject_key")).collect()
}

/// Everything one fetch was answered.
///
/// # Errors
/// What the database says, or that an answer cannot be read any more.
pub async fn recording(connection: &impl Connection, fetch: &str) -> Result<Recording, DbError> {
    let sql = "SELECT url, status, content_type, body FROM source_answer WHERE fetch_id = $1 ORDER BY fetched_at, id";
    let rows = all(connection, sql, [fetch.into()]).await?;
    let read = tokio::task::spawn_blocking(move || rows.iter().map(raw).collect::<Result<Vec<_>, _>>());
    let answers = read.await.map_err(|_| DbError::Custom("an archived answer broke its reader".to_owned()))??;
    Ok(Recording::new(answers))
}

fn raw(row: &QueryResult) -> Result<RawAnswer, DbError> {
    let (url, status, packed): (String, i32, Vec<u8>) =
        (row.try_get("", "url")?, row.try_get("", "status")?, row.try_get("", "body")?);
    let mut body = Vec::new();
    GzDecoder::new(packed.as_slice()).take(MOST_BODY).read_to_end(&mut body).map_err(unreadable)?;
    Ok(RawAnswer {
        status: u16::try_from(status).map_err(unreadable)?,
        content_type: row.try_get("", "content_type")?,
        body,
        url: Url::parse(&url).map_err(unreadable)?,
    })
}

fn unreadable(error: impl std::fmt::Display) -> DbError {
    DbError::Type(format!("an archived answer cannot be read: {error}"))
}

/// Deletes what is older. Gives the number of answers.
///
/// # Errors
/// What the database says.
pub async fn purge(connection: &impl Connection, keep: Duration) -> Result<u64, DbError> {
    let before = Dialect::of(connection).now_minus(keep);
    execute(connection, &format!("DELETE FROM source_answer WHERE fetched_at < {before}"), []).await
}

/// Deletes the oldest until no more than so many bytes are left. Gives the number of answers.
///
/// # Errors
/// What the database says.
pub async fn trim(connection: &impl Connection, most: u64) -> Result<u64, DbError> {
    let sql = "DELETE FROM source_answer WHERE id IN (SELECT id FROM (\
               SELECT id, SUM(stored_bytes) OVER (ORDER BY fetched_at DESC, id DESC) AS upto FROM source_answer\
               ) AS sized WHERE upto > $1)";
    execute(connection, sql, [i64::try_from(most).unwrap_or(i64::MAX).into()]).await
}
