//! Ending runs, many in one statement: each only while it is its owner's.

use serde_json::{Value as Json, json};

use super::rows;
use crate::{
    db::{Connection, Database, DbError, Dialect, all, execute},
    jobs::{
        context::Fence,
        run::{Run, RunState},
    },
};

/// How a run is to end.
#[derive(Clone, Debug)]
pub struct End {
    pub fence: Fence,
    /// None: as its tasks ended.
    pub state: Option<RunState>,
    pub error: Option<String>,
}

/// What became of an [`End`]: the run as it ended; none when it was no longer its owner's, or was to end as its tasks
/// did and one of them has not.
pub type Ended = Option<Run>;

/// The state that follows from how the tasks ended.
const BY_COUNTS: &str = "CASE WHEN run.failed = 0 THEN 'succeeded' WHEN run.done = 0 THEN 'failed' ELSE 'partial' END";
const ERROR_BY_COUNTS: &str = "CASE WHEN run.failed = 0 THEN NULL \
     WHEN run.done = 0 AND run.failed = 1 THEN 'its only task failed' \
     WHEN run.done = 0 THEN 'all ' || run.failed || ' tasks failed' \
     ELSE run.failed || ' of ' || run.total || ' tasks failed' END";

/// Ends runs. Gives one answer for each, in their order.
///
/// # Errors
/// What the database says; then none has ended.
pub async fn finish_runs(database: &Database, ends: &[End]) -> Result<Vec<Ended>, DbError> {
    let transaction = database.begin().await?;
    let dialect = Dialect::of(&transaction);
    let columns = [("id", "text"), ("owner", "text"), ("fence", "bigint"), ("state", "text"), ("error", "text")];
    let returned: Vec<String> = rows::RUN_COLUMNS.split(", ").map(|column| format!("run.{}", column.trim())).collect();
    let sql = format!(
        "UPDATE run SET state = COALESCE(r.state, {BY_COUNTS}), finished_at = {}, lease_until = NULL, offered = false, \
         error = CASE WHEN r.state IS NULL THEN {ERROR_BY_COUNTS} ELSE r.error END \
         FROM {} WHERE run.id = r.id AND run.owner = r.owner AND run.fence = r.fence \
         AND run.state IN ('running', 'cancelling') AND (r.state IS NOT NULL OR run.done + run.failed >= run.total) \
         RETURNING {}",
        dialect.now(),
        dialect.rows("$1", &columns),
        returned.join(", ")
    );
    let given: Json = ends.iter().map(row).collect();
    let found = all(&transaction, &sql, [given.to_string().into()]).await?;
    let mut ended: Vec<Run> = found.iter().map(rows::run).collect::<Result<_, _>>()?;
    transaction.commit().await?;
    let mut take = |end: &End| {
        let at = ended.iter().position(|run| run.id == end.fence.run)?;
        Some(ended.swap_remove(at))
    };
    Ok(ends.iter().map(&mut take).collect())
}

fn row(end: &End) -> Json {
    json!({
        "id": end.fence.run.as_str(),
        "owner": end.fence.owner,
        "fence": end.fence.number,
        "state": end.state.map(RunState::as_str),
        "error": end.error,
    })
}

/// Notes when jobs last succeeded, dry runs apart. Not in the transaction that ends their runs: planners hold the jobs'
/// rows while they cancel runs, and the two would wait for each other.
///
/// # Errors
/// What the database says.
pub async fn mark_success(connection: &impl Connection, jobs: &[&str]) -> Result<(), DbError> {
    let dialect = Dialect::of(connection);
    // The rows are locked in the order of names, as planners do.
    let sql = format!(
        "UPDATE job_state SET last_success_at = {} WHERE job IN (SELECT job FROM job_state WHERE job IN {} \
         ORDER BY job {})",
        dialect.now(),
        dialect.texts("$1"),
        dialect.for_update()
    );
    execute(connection, &sql, [json!(jobs).to_string().into()]).await.map(drop)
}
