//! What people are told of, and what has been told already.

use sea_orm_migration::prelude::*;

use crate::table::{Column as C, Table, Type as T, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// So that looking for what happened since the last look reads only that.
const INDEXES: [(&str, &str); 4] = [
    ("run_troubled", "run (finished_at) WHERE state IN ('failed', 'timed_out', 'partial', 'lost')"),
    ("run_succeeded", "run (job, finished_at) WHERE state = 'succeeded'"),
    ("run_started", "run (started_at) WHERE scheduled_for IS NOT NULL"),
    ("tick_recorded", "tick (recorded_at)"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [hook(), incident(), alert()] {
            table.create(manager).await?;
        }
        for (name, columns) in INDEXES {
            manager.get_connection().execute_unprepared(&format!("CREATE INDEX {name} ON {columns}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            manager.get_connection().execute_unprepared(&format!("DROP INDEX IF EXISTS {name}")).await?;
        }
        drop_all(manager, &["alert", "alert_incident", "alert_hook"]).await
    }
}

fn hook() -> Table {
    Table {
        name: "alert_hook",
        comment: "How far each hook of the configuration has looked; its row is the lock of whoever looks for it",
        columns: vec![
            C("hook", T::Varchar(64), "NOT NULL", "name of the hook"),
            C("created_at", T::Instant, "NOT NULL", "when the hook was first met; nothing before is told"),
            C("observed_until", T::Instant, "NOT NULL", "everything up to here has been looked at, overlap apart"),
        ],
        constraints: &["PRIMARY KEY (hook)"],
        indexes: &[],
    }
}

fn incident() -> Table {
    Table {
        name: "alert_incident",
        comment: "A trouble as a hook knows it, from its first occurrence to its recovery; the last one of its kind is kept",
        columns: vec![
            C("hook", T::Varchar(64), "NOT NULL", "name of the hook"),
            C("event", T::Varchar(16), "NOT NULL", "failed, partial, lost, late, stale"),
            C("subject", T::Varchar(255), "NOT NULL", "what is in trouble: a job, or the subject of a condition"),
            C("since", T::Instant, "NOT NULL", "its first occurrence"),
            C("last_at", T::Instant, "NOT NULL", "its newest occurrence"),
            C("occurrences", T::BigInt, "NOT NULL", "how often it happened since"),
            C("told_at", T::Instant, "NOT NULL", "when it was last told"),
            C("reopened", T::Int, "NOT NULL DEFAULT 0", "how often it came back soon after a recovery"),
            C("closed_at", T::Instant, "", "when it passed; null while it lasts"),
            C("run_id", T::Varchar(36), "", "the newest run in it"),
            C("counted_to", T::Instant, "", "the newest due instant counted, where it is about lateness"),
        ],
        constraints: &["PRIMARY KEY (hook, event, subject)"],
        indexes: &[],
    }
}

fn alert() -> Table {
    Table {
        name: "alert",
        comment: "One thing that happened, for one hook, and what became of telling it",
        columns: vec![
            C("id", T::Varchar(36), "NOT NULL", "UUIDv7: the delivery's id, the same for every attempt"),
            C("hook", T::Varchar(64), "NOT NULL", "name of the hook"),
            C("key", T::Varchar(512), "NOT NULL", "what happened: one row for each hook, however many replicas saw it"),
            C("event", T::Varchar(16), "NOT NULL", "failed, partial, lost, late, recovered, stale"),
            C("subject", T::Varchar(255), "NOT NULL", "a job, or the subject of a condition"),
            C("message", T::Text, "NOT NULL", "the sentence for people"),
            C("payload", T::Text, "NOT NULL", "the JSON document"),
            C(
                "state",
                T::Varchar(16),
                "NOT NULL",
                "pending; final: sent, failed (given up), suppressed (the same trouble was told a short while ago)",
            ),
            C("attempts", T::Int, "NOT NULL DEFAULT 0", "how often it was sent, answered or not"),
            C("made_at", T::Instant, "NOT NULL", "when it was recorded"),
            C("next_attempt_at", T::Instant, "NOT NULL", "not before, by the database's clock"),
            C("lease_until", T::Instant, "", "somebody is sending it until then"),
            C("ended_at", T::Instant, "", "when it was sent or given up"),
            C("error", T::Text, "", "why the last attempt failed"),
        ],
        constraints: &["PRIMARY KEY (id)", "UNIQUE (hook, key)"],
        indexes: &[
            "CREATE INDEX alert_pending ON alert (hook, made_at, id) WHERE state = 'pending'",
            "CREATE INDEX alert_made ON alert (made_at)",
        ],
    }
}
