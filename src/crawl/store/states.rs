//! The stored state of sources, to be looked at and to be reset by hand.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::QueryResult;

use crate::crawl::gate::Cause;
use crate::db::{Connection, DbError, Dialect, all, execute, one};

/// A source's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredState {
    pub source: String,
    /// The database's time of reading.
    pub now: DateTime<Utc>,
    pub next_request_at: DateTime<Utc>,
    pub closed_until: Option<DateTime<Utc>>,
    /// Why the breaker opened last.
    pub cause: Cause,
    pub reason: String,
    /// Failed requests in a row, and blocks.
    pub failures: u32,
    pub blocks: u32,
    /// Requests of the day that it is.
    pub today: u32,
}

impl StoredState {
    /// Until when the breaker is open, if it is.
    #[must_use]
    pub fn open_until(&self) -> Option<DateTime<Utc>> {
        self.closed_until.filter(|until| *until > self.now)
    }
}

const COLUMNS: &str =
    "source, next_request_at, closed_until, reason, closed_as, failures, blocks, request_day, day_requests";

/// Every source that was ever asked.
///
/// # Errors
/// What the database says.
pub async fn list(connection: &impl Connection) -> Result<Vec<StoredState>, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!("SELECT {COLUMNS}, {now} AS now FROM source_state ORDER BY source");
    all(connection, &sql, []).await?.iter().map(state).collect()
}

/// One of them, locked until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn lock(connection: &impl Connection, source: &str) -> Result<Option<StoredState>, DbError> {
    let dialect = Dialect::of(connection);
    let (now, lock) = (dialect.now(), dialect.for_update());
    let sql = format!("SELECT {COLUMNS}, {now} AS now FROM source_state WHERE source = $1 {lock}");
    one(connection, &sql, [source.into()]).await?.as_ref().map(state).transpose()
}

/// Closes the breaker and forgets failures and blocks. Pace and the count of the day stay, and so does the time of the
/// change where the clock was set back: the gate sees by it that it was.
///
/// # Errors
/// What the database says.
pub async fn reset(connection: &impl Connection, source: &str) -> Result<(), DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "UPDATE source_state SET closed_until = NULL, reason = '', closed_as = '', failures = 0, blocks = 0, \
         updated_at = CASE WHEN updated_at > {now} THEN updated_at ELSE {now} END WHERE source = $1"
    );
    execute(connection, &sql, [source.into()]).await.map(drop)
}

fn state(row: &QueryResult) -> Result<StoredState, DbError> {
    let now: DateTime<Utc> = row.try_get("", "now")?;
    let number = |column: &str| row.try_get::<i32>("", column).map(i32::unsigned_abs);
    let counts_today = row.try_get::<Option<NaiveDate>>("", "request_day")? == Some(now.date_naive());
    Ok(StoredState {
        source: row.try_get("", "source")?,
        now,
        next_request_at: row.try_get("", "next_request_at")?,
        closed_until: row.try_get("", "closed_until")?,
        // Opened by a version that did not tell: better taken for too grave than for too light.
        cause: Cause::parse(&row.try_get::<String>("", "closed_as")?).unwrap_or(Cause::Blocked),
        reason: row.try_get("", "reason")?,
        failures: number("failures")?,
        blocks: number("blocks")?,
        today: if counts_today { number("day_requests")? } else { 0 },
    })
}
