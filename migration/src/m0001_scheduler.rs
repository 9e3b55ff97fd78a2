//! Jobs, ticks, runs and tasks.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Table, Type as T, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [job_state(), run(), tick(), task(), idempotency()] {
            table.create(manager).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["idempotency", "task", "tick", "run", "job_state"]).await
    }
}

fn job_state() -> Table {
    Table {
        name: "job_state",
        comment: "What outlives a process about each job: how far its schedule has been worked off, and whether it is paused",
        columns: vec![
            C("job", T::Varchar(64), "NOT NULL", "name of the job"),
            C(
                "schedule",
                T::Text,
                "NOT NULL",
                "the schedule the cursor belongs to; another one moves the cursor to now",
            ),
            C("timezone", T::Varchar(64), "NOT NULL", "IANA zone of the schedule"),
            C("cursor_at", T::Instant, "NOT NULL", "every tick up to here has its record"),
            C("paused", T::Bool, "NOT NULL DEFAULT false", "ticks are recorded as skipped_paused while true"),
            C("last_success_at", T::Instant, "", "when a run of the job last succeeded"),
            C("updated_at", T::Instant, "NOT NULL", "when this row was last written"),
        ],
        constraints: &["PRIMARY KEY (job)"],
        indexes: &[],
    }
}

fn run() -> Table {
    Table {
        name: "run",
        comment: "One execution of a job; final states never change",
        columns: vec![
            C("id", T::Varchar(36), "NOT NULL", "UUIDv7: sorts by creation"),
            C("job", T::Varchar(64), "NOT NULL", "name of the job"),
            C(
                "state",
                T::Varchar(16),
                "NOT NULL",
                "queued, running, cancelling; final: succeeded, partial, failed, cancelled, timed_out, lost",
            ),
            C("trigger", T::Varchar(16), "NOT NULL", "schedule, misfire, manual, retry, cli"),
            C("scheduled_for", T::Instant, "", "the tick that caused the run; null for other triggers"),
            C("created_at", T::Instant, "NOT NULL", "when the run was asked for"),
            C("started_at", T::Instant, "", "when the run was first claimed"),
            C("finished_at", T::Instant, "", "when the run reached its final state"),
            C(
                "attempt",
                T::Int,
                "NOT NULL DEFAULT 0",
                "how often the run was claimed after being orphaned, counted from 1",
            ),
            C("owner", T::Varchar(64), "", "the process that executes the run: random per process"),
            C("fence", T::BigInt, "NOT NULL DEFAULT 0", "grows with every claim; writes with an older one are refused"),
            C("lease_until", T::Instant, "", "by the database's clock; a run whose lease has passed is taken over"),
            C("params", T::Text, "NOT NULL", "JSON: from, to, companies, mode, dryRun"),
            C("note", T::Text, "NOT NULL DEFAULT ''", "free text of whoever triggered the run"),
            C("retry_of", T::Varchar(36), "", "the run whose failed tasks this one repeats"),
            C("total", T::Int, "NOT NULL DEFAULT 0", "tasks planned"),
            C("done", T::Int, "NOT NULL DEFAULT 0", "tasks that succeeded"),
            C("failed", T::Int, "NOT NULL DEFAULT 0", "tasks that failed after all attempts"),
            C("rows_fetched", T::BigInt, "NOT NULL DEFAULT 0", "rows the sources gave"),
            C("rows_inserted", T::BigInt, "NOT NULL DEFAULT 0", "rows new in the table"),
            C("rows_updated", T::BigInt, "NOT NULL DEFAULT 0", "rows whose values differed"),
            C("rows_unchanged", T::BigInt, "NOT NULL DEFAULT 0", "rows stored already with the same values"),
            C(
                "rows_rejected",
                T::BigInt,
                "NOT NULL DEFAULT 0",
                "rows of the answers that were not loaded; quarantine has each of them once",
            ),
            C("error", T::Text, "", "why the run did not succeed"),
        ],
        constraints: &["PRIMARY KEY (id)", "UNIQUE (job, scheduled_for)"],
        indexes: &[
            "CREATE INDEX run_job_created ON run (job, created_at)",
            "CREATE INDEX run_live ON run (job, state) WHERE state IN ('queued', 'running', 'cancelling')",
        ],
    }
}

fn tick() -> Table {
    Table {
        name: "tick",
        comment: "One due instant of a schedule and what became of it; exactly one row each, also for those that did not run",
        columns: vec![
            C("job", T::Varchar(64), "NOT NULL", "name of the job"),
            C("scheduled_for", T::Instant, "NOT NULL", "the due instant"),
            C("outcome", T::Varchar(16), "NOT NULL", "fired, coalesced, skipped_overlap, skipped_paused, missed"),
            C("run_id", T::Varchar(36), "", "the run it caused; kept when the run's row is purged"),
            C("lateness_ms", T::BigInt, "NOT NULL", "milliseconds from the due instant to this record"),
            C("recorded_at", T::Instant, "NOT NULL", "when it was recorded"),
        ],
        constraints: &["PRIMARY KEY (job, scheduled_for)"],
        indexes: &[],
    }
}

fn task() -> Table {
    Table {
        name: "task",
        comment: "The part of a run for one key (a company); finished tasks are kept when a run is resumed",
        columns: vec![
            C("run_id", T::Varchar(36), "NOT NULL", "the run"),
            C("key", T::Varchar(64), "NOT NULL", "what the task is about: a stock code"),
            C("position", T::Int, "NOT NULL", "the order of planning"),
            C("state", T::Varchar(16), "NOT NULL", "pending, running, succeeded, failed, cancelled"),
            C("attempts", T::Int, "NOT NULL DEFAULT 0", "how often it was tried"),
            C("source", T::Varchar(32), "", "where its rows came from"),
            C("rows_fetched", T::BigInt, "NOT NULL DEFAULT 0", "rows the source gave"),
            C("rows_inserted", T::BigInt, "NOT NULL DEFAULT 0", "rows new in the table"),
            C("rows_updated", T::BigInt, "NOT NULL DEFAULT 0", "rows whose values differed"),
            C("rows_unchanged", T::BigInt, "NOT NULL DEFAULT 0", "rows stored already with the same values"),
            C(
                "rows_rejected",
                T::BigInt,
                "NOT NULL DEFAULT 0",
                "rows of the answers that were not loaded; quarantine has each of them once",
            ),
            C("message", T::Text, "", "what it did, when there is something to say"),
            C("error", T::Text, "", "why it failed, or why it is tried again"),
            C("started_at", T::Instant, "", "when it was first tried"),
            C("finished_at", T::Instant, "", "when it succeeded or failed for good"),
        ],
        constraints: &["PRIMARY KEY (run_id, key)", "FOREIGN KEY (run_id) REFERENCES run (id) ON DELETE CASCADE"],
        indexes: &[],
    }
}

fn idempotency() -> Table {
    Table {
        name: "idempotency",
        comment: "Answers to requests that carried an Idempotency-Key, so that a repeat gets the first answer",
        columns: vec![
            C("key", T::Varchar(255), "NOT NULL", "the client's key"),
            C(
                "request_hash",
                T::Varchar(64),
                "NOT NULL",
                "SHA-256 of route and body: the same key with another request is an error",
            ),
            C("run_id", T::Varchar(36), "NOT NULL", "the run the first request made"),
            C("created_at", T::Instant, "NOT NULL", "when the first request came"),
        ],
        constraints: &["PRIMARY KEY (key)"],
        indexes: &[],
    }
}
