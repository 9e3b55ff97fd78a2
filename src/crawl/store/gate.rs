//! Pace and breaker of each source in the database: they hold over all replicas and restarts.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::crawl::breaker::after_blocks;
use crate::crawl::gate::{Cause, Closed, Gate, GateError, Pace, Slot};
use crate::crawl::quota;
use crate::db::{Connection, Database, DbError, Dialect, execute, one};

/// The gate of a daemon. Times are judged by the database's clock.
pub struct DatabaseGate {
    database: Database,
}

/// A source's row, with the database's time of reading it.
struct State {
    now: DateTime<Utc>,
    next_request_at: DateTime<Utc>,
    closed_until: Option<DateTime<Utc>>,
    reason: String,
    closed_as: String,
    blocks: u32,
    /// Requests of the day that it is.
    today: u32,
    /// How far the clock was set back since the row was written.
    set_back: TimeDelta,
}

impl DatabaseGate {
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    async fn take_place(&self, source: &str, pace: Pace) -> Result<Slot, DbError> {
        let transaction = self.database.begin().await?;
        let state = state(&transaction, source).await?;
        if let Some(closed) = state.closed() {
            // Where the clock was set back the row was moved with it.
            transaction.commit().await?;
            return Ok(Slot::Closed(closed));
        }
        if quota::is_used_up(pace.daily_limit, state.today) {
            transaction.commit().await?;
            let retry_after = span(state.now, quota::resets_at(state.now));
            return Ok(Slot::Closed(Closed { retry_after, reason: quota::reason(pace.daily_limit) }));
        }
        let at = state.next_request_at.max(state.now);
        let next = at + TimeDelta::from_std(pace.min_interval).unwrap_or(TimeDelta::MAX);
        let sql = "UPDATE source_state SET next_request_at = $1, updated_at = $2, request_day = $4, day_requests = $5 \
                   WHERE source = $3";
        let today = i32::try_from(state.today).unwrap_or(i32::MAX).saturating_add(1);
        let day = state.now.date_naive();
        execute(&transaction, sql, [next.into(), state.now.into(), source.into(), day.into(), today.into()]).await?;
        transaction.commit().await?;
        Ok(Slot::Wait(span(state.now, at)))
    }

    async fn open(&self, source: &str, open_for: Duration, cause: Cause, reason: &str) -> Result<(), DbError> {
        let transaction = self.database.begin().await?;
        let state = state(&transaction, source).await?;
        extend(&transaction, source, &state, open_for, cause, reason).await?;
        transaction.commit().await
    }

    /// Counts and opens under the row's lock: of several requests that are blocked at once the first one counts.
    async fn count_block(&self, source: &str, reason: &str) -> Result<Duration, DbError> {
        let transaction = self.database.begin().await?;
        let mut state = state(&transaction, source).await?;
        let is_open = state.closed_until.is_some_and(|until| until > state.now);
        if !is_open || state.closed_as != Cause::Blocked.as_str() {
            state.blocks = state.blocks.saturating_add(1);
            let sql = "UPDATE source_state SET blocks = $1 WHERE source = $2";
            execute(&transaction, sql, [i32::try_from(state.blocks).unwrap_or(i32::MAX).into(), source.into()]).await?;
        }
        let open_for = after_blocks(state.blocks);
        extend(&transaction, source, &state, open_for, Cause::Blocked, reason).await?;
        transaction.commit().await?;
        Ok(open_for)
    }

    async fn count_failure(&self, source: &str) -> Result<u32, DbError> {
        let transaction = self.database.begin().await?;
        state(&transaction, source).await?;
        let sql = "UPDATE source_state SET failures = failures + 1 WHERE source = $1 RETURNING failures";
        let row = one(&transaction, sql, [source.into()]).await?;
        let failures = row.map_or(Ok(1), |row| row.try_get::<i32>("", "failures"))?;
        transaction.commit().await?;
        Ok(failures.unsigned_abs())
    }
}

#[async_trait]
impl Gate for DatabaseGate {
    async fn reserve(&self, source: &str, pace: Pace) -> Result<Slot, GateError> {
        self.take_place(source, pace).await.map_err(gate_error)
    }

    async fn closed(&self, source: &str) -> Result<Option<Closed>, GateError> {
        let found = read(self.database.connection(), source, "").await.map_err(gate_error)?;
        Ok(found.and_then(|state| state.closed()))
    }

    async fn trip(&self, source: &str, open_for: Duration, cause: Cause, reason: &str) -> Result<(), GateError> {
        tracing::warn!(source, open_for_s = open_for.as_secs(), reason, "the source is left alone for a while");
        self.open(source, open_for, cause, reason).await.map_err(gate_error)
    }

    async fn block(&self, source: &str, reason: &str) -> Result<(), GateError> {
        let open_for = self.count_block(source, reason).await.map_err(gate_error)?;
        tracing::warn!(source, open_for_s = open_for.as_secs(), reason, "the source blocks us and is left alone");
        Ok(())
    }

    async fn succeeded(&self, source: &str) -> Result<(), GateError> {
        let sql = "UPDATE source_state SET failures = 0, blocks = 0 WHERE source = $1 AND (failures > 0 OR blocks > 0)";
        execute(self.database.connection(), sql, [source.into()]).await.map(drop).map_err(gate_error)
    }

    async fn failed(&self, source: &str) -> Result<u32, GateError> {
        self.count_failure(source).await.map_err(gate_error)
    }
}

impl State {
    fn closed(&self) -> Option<Closed> {
        let until = self.closed_until.filter(|until| *until > self.now)?;
        Some(Closed { retry_after: span(self.now, until), reason: self.reason.clone() })
    }
}

/// Opens the breaker, or keeps it open for longer; never for less.
async fn extend(
    connection: &impl Connection,
    source: &str,
    state: &State,
    open_for: Duration,
    cause: Cause,
    reason: &str,
) -> Result<(), DbError> {
    let until = state.now + TimeDelta::from_std(open_for).unwrap_or(TimeDelta::MAX);
    if state.closed_until.is_some_and(|set| set >= until) {
        return Ok(());
    }
    let sql =
        "UPDATE source_state SET closed_until = $1, reason = $2, updated_at = $3, closed_as = $5 WHERE source = $4";
    let values = [until.into(), reason.into(), state.now.into(), source.into(), cause.as_str().into()];
    execute(connection, sql, values).await.map(drop)
}

/// The source's row, made when it is asked for the first time, locked until the transaction ends.
async fn state(connection: &impl Connection, source: &str) -> Result<State, DbError> {
    let dialect = Dialect::of(connection);
    if let Some(state) = read(connection, source, dialect.for_update()).await? {
        follow_the_clock(connection, source, &state).await?;
        return Ok(state);
    }
    let now = dialect.now();
    let sql = format!(
        "INSERT INTO source_state (source, next_request_at, updated_at) VALUES ($1, {now}, {now}) \
         ON CONFLICT (source) DO NOTHING"
    );
    execute(connection, &sql, [source.into()]).await?;
    let made = read(connection, source, dialect.for_update()).await?;
    made.ok_or_else(|| DbError::RecordNotFound(format!("state of source {source}")))
}

/// Keeps the times of a row that was written by a clock which is ahead of the one there is now.
async fn follow_the_clock(connection: &impl Connection, source: &str, state: &State) -> Result<(), DbError> {
    if state.set_back.is_zero() {
        return Ok(());
    }
    let set_back_s = state.set_back.as_seconds_f64();
    tracing::warn!(source, set_back_s, "the database's clock was set back, and the times of the source are with it");
    let sql = "UPDATE source_state SET next_request_at = $1, closed_until = $2, updated_at = $3, request_day = $4, \
               day_requests = $5 WHERE source = $6";
    let today = i32::try_from(state.today).unwrap_or(i32::MAX);
    let day = state.now.date_naive();
    let (next, until) = (state.next_request_at.into(), state.closed_until.into());
    execute(connection, sql, [next, until, state.now.into(), day.into(), today.into(), source.into()]).await.map(drop)
}

/// Where the clock was set back since the row was written, what was left of each time then is left now: or every request
/// would wait for the whole jump. Requests of a day that has not come yet were made today.
async fn read(connection: &impl Connection, source: &str, lock: &str) -> Result<Option<State>, DbError> {
    let now = Dialect::of(connection).now();
    let sql = format!(
        "SELECT next_request_at, closed_until, reason, closed_as, blocks, request_day, day_requests, updated_at, \
         {now} AS now FROM source_state WHERE source = $1 {lock}"
    );
    let Some(row) = one(connection, &sql, [source.into()]).await? else { return Ok(None) };
    let now: DateTime<Utc> = row.try_get("", "now")?;
    let set_back = (row.try_get::<DateTime<Utc>>("", "updated_at")? - now).max(TimeDelta::zero());
    let day = row.try_get::<Option<NaiveDate>>("", "request_day")?;
    let counts_today = day.is_some_and(|day| day >= now.date_naive());
    Ok(Some(State {
        now,
        next_request_at: row.try_get::<DateTime<Utc>>("", "next_request_at")? - set_back,
        closed_until: row.try_get::<Option<DateTime<Utc>>>("", "closed_until")?.map(|until| until - set_back),
        reason: row.try_get("", "reason")?,
        closed_as: row.try_get("", "closed_as")?,
        blocks: row.try_get::<i32>("", "blocks")?.unsigned_abs(),
        today: if counts_today { row.try_get::<i32>("", "day_requests")?.unsigned_abs() } else { 0 },
        set_back,
    }))
}

fn span(from: DateTime<Utc>, to: DateTime<Utc>) -> Duration {
    (to - from).to_std().unwrap_or(Duration::ZERO)
}

fn gate_error(error: DbError) -> GateError {
    GateError(anyhow::Error::new(error))
}
