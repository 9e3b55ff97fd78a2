//! WHAT runs: jobs, their runs and tasks, and the executor that works them off.
//!
//! Knows no domain: a job is whatever implements [`Job`]. When a run is due is the scheduler's matter.

mod audited;
pub mod backfill;
mod backfills;
mod context;
mod executor;
mod job;
mod key;
mod place;
mod refused;
mod registry;
pub mod run;
mod run_logs;
pub mod settings;
pub mod store;
mod task;
mod tick;
mod trace;
mod triggers;

use crate::db::Area;

pub use backfill::{Backfill, BackfillId, BackfillItem, BackfillMode, BackfillState, ItemState, Planned, Tally};
pub use backfills::{BackfillPlan, BackfillRequest, Backfills, MadeBackfill};
pub use context::{Done, FencedTransaction, RunContext, TaskContext};
pub use executor::{Claimant, Executor, ExecutorParts, Slot};
pub use job::{Job, JobError, ParamProblem, Preview, TaskError, TaskReport, problems};
pub use place::Place;
pub use refused::{BackfillError, TriggerError};
pub use registry::{Registered, Registry, Upcoming};
pub use run::{Mode, RowCounts, Run, RunId, RunParams, RunState, Trigger};
pub use run_logs::{LogLevel, LogLine, write_run_logs};
pub use task::{Task, TaskState};
pub use tick::{Tick, TickOutcome};
pub use trace::{Origin, RunTrace};
pub use triggers::{Idempotency, Triggered, Triggers};

/// Its tables, and those of the scheduler.
pub const AREA: Area = Area {
    title: "Jobs and runs",
    about: "Which job was due when, what ran, and what became of it.",
    tables: &["run", "task", "run_log", "idempotency", "job_state", "tick", "backfill", "backfill_item"],
};
