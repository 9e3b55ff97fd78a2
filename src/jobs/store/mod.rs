//! Jobs, runs, tasks, ticks and backfills in the database: one function for each question.

mod backfill_items;
mod backfill_runs;
mod backfills;
mod claims;
mod ends;
mod idempotency;
mod job_states;
mod leases;
mod place;
mod plans;
mod rows;
mod run_logs;
mod runs;
mod standings;
mod task_list;
mod task_plans;
mod tasks;
mod ticks;

pub use crate::jobs::context::Fence;
pub use backfill_items::{failed_items, insert_items, last_failed_keys, list_items, tallies, tally};
pub use backfill_runs::{
    UnderWay, backfills_under_way, cancel_waiting_items, collect_items, part_from_run, release_items, take_items,
};
pub use backfills::{
    BackfillFilter, NewBackfill, find_backfill, finish_backfill, insert_backfill, list_backfills, lock_backfill,
    move_backfill, purge_backfills, set_backfill_run, unfinished_backfills,
};
pub use claims::{Claim, claim_next, claim_runs, take_offered};
pub use ends::{End, Ended, finish_runs, mark_success};
pub use idempotency::{Remembered, forget_before, recall, remember};
pub use job_states::{JobSchedule, JobState, ensure_job, find_job, list_jobs, lock_job, set_paused, set_schedule};
pub use leases::{
    Expired, Heartbeat, expired_runs, heartbeat, is_ours, offer_runs, put_back, release_run, still_owned, take_over,
    take_over_daemons,
};
pub use plans::{Due, Live, live_jobs, lock_jobs, record_due, record_ticks};
pub use rows::{RUN_COLUMNS, run as read_run, trace_context};
pub use run_logs::{LogFilter, append_run_log, last_of_run_log, list_run_log};
pub use runs::{
    NewRun, RunFilter, find_run, insert_run, insert_runs, last_run, list_runs, live_runs, lock_run, purge_runs,
    request_cancel, request_cancel_of_job,
};
pub use standings::{Standing, standings};
pub use task_list::list_tasks;
pub use task_plans::{TaskPlan, plan_tasks};
pub use tasks::{
    Written, cancel_unfinished, complete_task, complete_task_alone, fail_task, failed_keys, postpone_task, start_task,
    undo_starts, unfinished_tasks,
};
pub use ticks::{TickFilter, list_ticks};
