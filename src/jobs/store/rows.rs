//! From rows to runs, tasks and ticks.

use sea_orm::QueryResult;

use crate::{
    db::DbError,
    jobs::{
        run::{RowCounts, Run, RunId, RunState, Trigger},
        run_logs::{LogLevel, LogLine},
        task::{Task, TaskState},
        tick::{Tick, TickOutcome},
        trace::{Origin, RunTrace},
    },
    telemetry::trace::TraceContext,
};

/// The columns [`run`] reads.
pub const RUN_COLUMNS: &str = "id, job, state, trigger, scheduled_for, created_at, started_at, finished_at, attempt, owner, \
     params, note, retry_of, parallel, total, done, failed, rows_fetched, rows_inserted, rows_updated, rows_unchanged, \
     rows_rejected, error, fence, traceparent, tracestate, trace_awaited";

/// The columns [`task`] reads.
pub const TASK_COLUMNS: &str = "position, key, state, attempts, source, rows_fetched, rows_inserted, rows_updated, rows_unchanged, \
     rows_rejected, message, error, started_at, finished_at";

/// The columns [`log_line`] reads.
pub const LOG_COLUMNS: &str = "seq, at, level, target, task_key, message, fields";

pub fn run(row: &QueryResult) -> Result<Run, DbError> {
    let params: String = row.try_get("", "params")?;
    Ok(Run {
        id: run_id(&row.try_get::<String>("", "id")?)?,
        job: row.try_get("", "job")?,
        state: word(RunState::parse, &row.try_get::<String>("", "state")?)?,
        trigger: word(Trigger::parse, &row.try_get::<String>("", "trigger")?)?,
        scheduled_for: row.try_get("", "scheduled_for")?,
        created_at: row.try_get("", "created_at")?,
        started_at: row.try_get("", "started_at")?,
        finished_at: row.try_get("", "finished_at")?,
        attempt: row.try_get::<i32>("", "attempt")?.unsigned_abs(),
        owner: row.try_get("", "owner")?,
        params: serde_json::from_str(&params).map_err(|e| DbError::Json(format!("params of a run: {e}")))?,
        note: row.try_get("", "note")?,
        retry_of: row.try_get::<Option<String>>("", "retry_of")?.as_deref().map(run_id).transpose()?,
        parallel: row.try_get::<Option<i32>>("", "parallel")?.map(i32::unsigned_abs),
        total: row.try_get::<i32>("", "total")?.unsigned_abs(),
        done: row.try_get::<i32>("", "done")?.unsigned_abs(),
        failed: row.try_get::<i32>("", "failed")?.unsigned_abs(),
        rows: counts(row)?,
        error: row.try_get("", "error")?,
        trace: RunTrace { fence: row.try_get("", "fence")?, origin: origin(row)? },
    })
}

fn origin(row: &QueryResult) -> Result<Option<Origin>, DbError> {
    let context = trace_context(row)?;
    let awaited = row.try_get::<Option<bool>>("", "trace_awaited")?.unwrap_or_default();
    Ok(context.map(|context| Origin { context, awaited }))
}

/// The trace context that a row has; one that cannot be read is none.
pub fn trace_context(row: &QueryResult) -> Result<Option<TraceContext>, DbError> {
    let Some(parent) = row.try_get::<Option<String>>("", "traceparent")? else { return Ok(None) };
    Ok(TraceContext::parse(&parent, row.try_get::<Option<String>>("", "tracestate")?.as_deref()))
}

pub fn task(row: &QueryResult) -> Result<Task, DbError> {
    Ok(Task {
        position: row.try_get("", "position")?,
        key: row.try_get("", "key")?,
        state: word(TaskState::parse, &row.try_get::<String>("", "state")?)?,
        attempts: row.try_get::<i32>("", "attempts")?.unsigned_abs(),
        source: row.try_get("", "source")?,
        rows: counts(row)?,
        message: row.try_get("", "message")?,
        error: row.try_get("", "error")?,
        started_at: row.try_get("", "started_at")?,
        finished_at: row.try_get("", "finished_at")?,
    })
}

pub fn tick(row: &QueryResult) -> Result<Tick, DbError> {
    Ok(Tick {
        scheduled_for: row.try_get("", "scheduled_for")?,
        outcome: word(TickOutcome::parse, &row.try_get::<String>("", "outcome")?)?,
        run_id: row.try_get::<Option<String>>("", "run_id")?.as_deref().map(run_id).transpose()?,
        lateness_ms: row.try_get("", "lateness_ms")?,
    })
}

pub fn log_line(row: &QueryResult) -> Result<LogLine, DbError> {
    let fields: String = row.try_get("", "fields")?;
    Ok(LogLine {
        seq: row.try_get("", "seq")?,
        at: row.try_get("", "at")?,
        level: word(LogLevel::parse, &row.try_get::<String>("", "level")?)?,
        target: row.try_get("", "target")?,
        task: row.try_get("", "task_key")?,
        message: row.try_get("", "message")?,
        fields: serde_json::from_str(&fields).map_err(|e| DbError::Json(format!("fields of a log line: {e}")))?,
    })
}

pub fn run_id(text: &str) -> Result<RunId, DbError> {
    RunId::parse(text).ok_or_else(|| DbError::Type(format!("{text:?} is no run id")))
}

pub fn counts(row: &QueryResult) -> Result<RowCounts, DbError> {
    let count = |column: &str| row.try_get::<i64>("", column).map(i64::unsigned_abs);
    Ok(RowCounts {
        fetched: count("rows_fetched")?,
        inserted: count("rows_inserted")?,
        updated: count("rows_updated")?,
        unchanged: count("rows_unchanged")?,
        rejected: count("rows_rejected")?,
    })
}

pub fn word<T>(parse: impl Fn(&str) -> Option<T>, text: &str) -> Result<T, DbError> {
    parse(text).ok_or_else(|| DbError::Type(format!("unknown word {text:?}")))
}
