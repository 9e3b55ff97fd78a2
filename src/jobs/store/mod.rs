//! Jobs, runs, tasks, ticks and backfills in the database: one function for each question.

mod backfill_items;
mod backfill_runs;
mod backfills;
mod claims;
mod idempotency;
mod job_states;
mod rows;
mod runs;
mod task_list;
mod tasks;
mod ticks;

pub use crate::jobs::context::Fence;
pub use backfill_items::{failed_items, insert_items, last_failed_keys, list_items, tallies, tally};
pub use backfill_runs::{
    UnderWay, backfills_under_way, cancel_waiting_items, collect_items, is_backfilling, part_from_run, release_items,
    take_items,
};
pub use backfills::{
    BackfillFilter, NewBackfill, find_backfill, finish_backfill, insert_backfill, list_backfills, lock_backfill,
    move_backfill, purge_backfills, set_backfill_run, unfinished_backfills,
};
pub use claims::{
    Claim, Expired, Heartbeat, claim_next, claim_run, expired_runs, finish_run, heartbeat, is_ours, release_run,
    take_over, take_over_daemons,
};
pub use idempotency::{Remembered, forget_before, recall, remember};
pub use job_states::{
    JobSchedule, JobState, advance_cursor, ensure_job, find_job, list_jobs, lock_job, mark_success, set_paused,
    set_schedule,
};
pub use runs::{
    NewRun, RunFilter, find_run, insert_run, last_run, list_runs, live_runs, purge_runs, request_cancel,
    request_cancel_of_job,
};
pub use task_list::list_tasks;
pub use tasks::{
    cancel_unfinished, complete_task, fail_task, failed_keys, plan_tasks, postpone_task, start_task, undo_starts,
    unfinished_tasks,
};
pub use ticks::{TickFilter, list_ticks, record_tick};
