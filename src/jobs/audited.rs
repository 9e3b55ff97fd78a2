//! The audit rows of runs and backfills that somebody made or changed.

use serde_json::{Value, json};

use super::{
    backfill::{BackfillId, BackfillState},
    run::{RunId, RunState},
    store::{NewBackfill, NewRun},
};
use crate::{
    audit::{Actor, Change, store},
    db::{Connection, DbError},
};

/// A run was made, and by its job's overlap policy took the place of others.
pub async fn made(
    connection: &impl Connection,
    actor: &Actor,
    run: &NewRun<'_>,
    replaced: &[RunId],
) -> Result<(), DbError> {
    let mut after = json!({"run": run.id, "state": RunState::Queued.as_str(), "params": run.params});
    if !replaced.is_empty() {
        after["replaced"] = json!(replaced);
    }
    let change = match run.retry_of {
        None => Change { action: "job.run", subject: run.job, before: None, after: Some(after), note: run.note },
        // The note is that of the run before, and not about this.
        Some(id) => Change { action: "run.retry", subject: id.as_str(), before: None, after: Some(after), note: "" },
    };
    store::record(connection, actor, &change).await
}

/// A run was asked to end.
pub async fn cancelled(
    connection: &impl Connection,
    actor: &Actor,
    id: &RunId,
    before: RunState,
    after: RunState,
) -> Result<(), DbError> {
    let state = |state: RunState| -> Option<Value> { Some(json!({"state": state.as_str()})) };
    let change =
        Change { action: "run.cancel", subject: id.as_str(), before: state(before), after: state(after), note: "" };
    store::record(connection, actor, &change).await
}

/// A backfill was made.
pub async fn backfill_made(
    connection: &impl Connection,
    actor: &Actor,
    backfill: &NewBackfill<'_>,
    items: usize,
) -> Result<(), DbError> {
    let after = json!({
        "backfill": backfill.id.as_str(),
        "mode": backfill.mode.as_str(),
        "params": backfill.params,
        "maxParallel": backfill.max_parallel,
        "items": items,
    });
    let change = match backfill.retry_of {
        None => Change {
            action: "backfill.make",
            subject: backfill.job,
            before: None,
            after: Some(after),
            note: backfill.note,
        },
        Some(id) => {
            Change { action: "backfill.retry", subject: id.as_str(), before: None, after: Some(after), note: "" }
        }
    };
    store::record(connection, actor, &change).await
}

/// A backfill was paused, resumed, or asked to end.
pub async fn backfill_moved(
    connection: &impl Connection,
    actor: &Actor,
    id: &BackfillId,
    before: BackfillState,
    after: BackfillState,
) -> Result<(), DbError> {
    let action = match after {
        BackfillState::Paused => "backfill.pause",
        BackfillState::Running => "backfill.resume",
        _ => "backfill.cancel",
    };
    let state = |state: BackfillState| -> Option<Value> { Some(json!({"state": state.as_str()})) };
    let change = Change { action, subject: id.as_str(), before: state(before), after: state(after), note: "" };
    store::record(connection, actor, &change).await
}
