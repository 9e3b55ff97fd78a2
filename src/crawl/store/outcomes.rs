//! How often each source answered in which way, and when last.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::db::{Connection, Database, DbError, Dialect, all, execute};

/// A way in which a source answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub source: String,
    /// One of [`OUTCOMES`](crate::crawl::observer::OUTCOMES).
    pub outcome: String,
    pub count: u64,
    pub last_at: DateTime<Utc>,
}

/// Adds counts: source, outcome, how often, and how long ago last.
///
/// # Errors
/// What the database says; then nothing was added.
pub async fn add(database: &Database, counts: &[(&str, &str, u64, Duration)]) -> Result<(), DbError> {
    let transaction = database.begin().await?;
    let dialect = Dialect::of(&transaction);
    // In one order everywhere: two processes that add at once do not wait for each other in a circle.
    for (source, outcome, count, ago) in counts {
        let at = dialect.now_minus(Duration::from_secs(ago.as_secs()));
        let sql = format!(
            "INSERT INTO source_outcome (source, outcome, count, last_at) VALUES ($1, $2, $3, {at}) \
             ON CONFLICT (source, outcome) DO UPDATE SET count = source_outcome.count + excluded.count, \
             last_at = excluded.last_at"
        );
        let count = i64::try_from(*count).unwrap_or(i64::MAX);
        execute(&transaction, &sql, [(*source).into(), (*outcome).into(), count.into()]).await?;
    }
    transaction.commit().await
}

/// Every way in which any source answered, by source and outcome.
///
/// # Errors
/// What the database says.
pub async fn list(connection: &impl Connection) -> Result<Vec<Outcome>, DbError> {
    let sql = "SELECT source, outcome, count, last_at FROM source_outcome ORDER BY source, outcome";
    let rows = all(connection, sql, []).await?;
    let outcome = |row: &sea_orm::QueryResult| {
        Ok(Outcome {
            source: row.try_get("", "source")?,
            outcome: row.try_get("", "outcome")?,
            count: row.try_get::<i64>("", "count")?.unsigned_abs(),
            last_at: row.try_get("", "last_at")?,
        })
    };
    rows.iter().map(outcome).collect()
}
