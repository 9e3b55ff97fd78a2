//! Runs, tasks and log lines as JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::path;
use crate::jobs::{LogLevel, LogLine, RowCounts, Run, RunId, RunParams, RunState, Task, TaskState, Trigger};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Run)]
pub struct RunJson {
    id: RunId,
    job: String,
    #[schema(value_type = RunState)]
    state: &'static str,
    #[schema(value_type = Trigger)]
    trigger: &'static str,
    scheduled_for: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    attempt: u32,
    /// The process that performs it.
    owner: Option<String>,
    params: RunParams,
    note: String,
    retry_of: Option<RunId>,
    progress: Progress,
    rows: RowCounts,
    error: Option<String>,
    links: Links,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Progress {
    total: u32,
    done: u32,
    failed: u32,
    eta_seconds: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunLinks)]
struct Links {
    #[serde(rename = "self")]
    own: String,
    tasks: String,
    events: String,
    logs: String,
}

impl RunJson {
    pub fn new(run: Run, now: DateTime<Utc>) -> Self {
        let own = path(&run.id);
        Self {
            progress: Progress::of(&run, now),
            state: run.state.as_str(),
            trigger: run.trigger.as_str(),
            links: Links {
                tasks: format!("{own}/tasks"),
                events: format!("{own}/events"),
                logs: format!("{own}/logs"),
                own,
            },
            id: run.id,
            job: run.job,
            scheduled_for: run.scheduled_for,
            created_at: run.created_at,
            started_at: run.started_at,
            finished_at: run.finished_at,
            attempt: run.attempt,
            owner: run.owner,
            params: run.params,
            note: run.note,
            retry_of: run.retry_of,
            rows: run.rows,
            error: run.error,
        }
    }
}

/// What the event `progress` tells.
#[derive(Debug, Serialize)]
pub struct ProgressJson {
    #[serde(flatten)]
    progress: Progress,
    rows: RowCounts,
}

impl ProgressJson {
    pub fn new(run: &Run, now: DateTime<Utc>) -> Self {
        Self { progress: Progress::of(run, now), rows: run.rows }
    }
}

impl Progress {
    fn of(run: &Run, now: DateTime<Utc>) -> Self {
        Self { total: run.total, done: run.done, failed: run.failed, eta_seconds: run.eta_seconds(now) }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Task)]
pub struct TaskJson {
    /// Such as a stock code.
    key: String,
    #[schema(value_type = TaskState)]
    state: &'static str,
    attempts: u32,
    source: Option<String>,
    rows: RowCounts,
    message: Option<String>,
    error: Option<String>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<Task> for TaskJson {
    fn from(task: Task) -> Self {
        Self {
            key: task.key,
            state: task.state.as_str(),
            attempts: task.attempts,
            source: task.source,
            rows: task.rows,
            message: task.message,
            error: task.error,
            started_at: task.started_at,
            finished_at: task.finished_at,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogLine)]
pub struct LogLineJson {
    seq: i64,
    at: DateTime<Utc>,
    #[schema(value_type = LogLevel)]
    level: &'static str,
    target: String,
    task: Option<String>,
    message: String,
    #[schema(value_type = Object)]
    fields: Map<String, Value>,
}

impl From<LogLine> for LogLineJson {
    fn from(line: LogLine) -> Self {
        Self {
            seq: line.seq,
            at: line.at,
            level: line.level.as_str(),
            target: line.target,
            task: line.task,
            message: line.message,
            fields: line.fields,
        }
    }
}
