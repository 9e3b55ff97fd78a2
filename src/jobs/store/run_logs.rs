//! The log lines of runs: appending within bounds, reading in order.

use sea_orm::{SqlErr, Value};

use super::rows;
use crate::{
    db::{Connection, Database, DbError, Dialect, Places, all, execute, one},
    jobs::{
        run::RunId,
        run_logs::{LogLevel, LogLine, bounded},
    },
    telemetry::run_log::RunLine,
};

/// Rows of one statement.
const ROWS: usize = 100;

/// Appends lines to a run's log, as far as its bounds allow. A run that is gone takes none.
///
/// # Errors
/// What the database says; then none of the lines was written, or, when the connection was lost at the end, all.
pub async fn append_run_log(database: &Database, run: &RunId, lines: &[RunLine]) -> Result<(), DbError> {
    match append_once(database, run, lines).await {
        // Purged after the look: the next one knows.
        Err(error) if is_orphan(&error) => append_once(database, run, lines).await,
        result => result,
    }
}

async fn append_once(database: &Database, run: &RunId, lines: &[RunLine]) -> Result<(), DbError> {
    let transaction = database.begin().await?;
    if Dialect::of(&transaction) == Dialect::Postgres {
        // Two processes may write for one run, when it is taken over: the second numbers on from the first.
        // SQLite's transactions follow one another anyway; the run's own row is left to its executor.
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
        execute(&transaction, lock, [run.as_str().into()]).await?;
    }
    let sql = "SELECT COALESCE((SELECT MAX(seq) FROM run_log WHERE run_id = run.id), 0) AS last FROM run WHERE id = $1";
    let Some(row) = one(&transaction, sql, [run.as_str().into()]).await? else { return Ok(()) };
    let last: i64 = row.try_get("", "last")?;
    for chunk in bounded(last, lines).chunks(ROWS) {
        let mut places = Places::new(Dialect::of(&transaction));
        let mut sql =
            "INSERT INTO run_log (run_id, seq, at, level, target, task_key, message, fields) VALUES ".to_owned();
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 8);
        for (number, (seq, line)) in chunk.iter().enumerate() {
            if number > 0 {
                sql.push(',');
            }
            places.push_tuple(&mut sql, 8);
            values.extend(row_values(run, *seq, line)?);
        }
        execute(&transaction, &sql, values).await?;
    }
    transaction.commit().await
}

fn row_values(run: &RunId, seq: i64, line: &RunLine) -> Result<[Value; 8], DbError> {
    let fields = serde_json::to_string(&line.fields).map_err(|e| DbError::Json(e.to_string()))?;
    Ok([
        run.as_str().into(),
        seq.into(),
        line.at.into(),
        LogLevel::from(line.level).as_str().into(),
        line.target.into(),
        line.task.as_ref().map(ToString::to_string).into(),
        line.message.as_str().into(),
        fields.into(),
    ])
}

fn is_orphan(error: &DbError) -> bool {
    matches!(error.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_)))
}

/// Which lines of a run to list; oldest first.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    /// This level and the graver ones; none: all.
    pub level: Option<LogLevel>,
    pub task: Option<String>,
    /// Only lines after this one: the last of the page before.
    pub after: i64,
    pub limit: u32,
}

/// # Errors
/// What the database says.
pub async fn list_run_log(
    connection: &impl Connection,
    run: &RunId,
    filter: &LogFilter,
) -> Result<Vec<LogLine>, DbError> {
    let mut values: Vec<Value> = vec![run.as_str().into(), filter.after.into()];
    let mut conditions = String::new();
    if let Some(level) = filter.level {
        let words: Vec<String> = level.and_above().iter().map(|level| format!("'{level}'")).collect();
        conditions = format!("AND level IN ({})", words.join(", "));
    }
    if let Some(task) = &filter.task {
        values.push(task.as_str().into());
        conditions.push_str(" AND task_key = $3");
    }
    let sql = format!(
        "SELECT {} FROM run_log WHERE run_id = $1 AND seq > $2 {conditions} ORDER BY seq LIMIT {}",
        rows::LOG_COLUMNS,
        filter.limit
    );
    all(connection, &sql, values).await?.iter().map(rows::log_line).collect()
}

/// The last lines of a run, at most so many, oldest first.
///
/// # Errors
/// What the database says.
pub async fn last_of_run_log(connection: &impl Connection, run: &RunId, lines: u32) -> Result<Vec<LogLine>, DbError> {
    let sql = format!("SELECT {} FROM run_log WHERE run_id = $1 ORDER BY seq DESC LIMIT {lines}", rows::LOG_COLUMNS);
    all(connection, &sql, [run.as_str().into()]).await?.iter().rev().map(rows::log_line).collect()
}
