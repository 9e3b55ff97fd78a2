//! Tasks as the outside reads them.

use sea_orm::Value;

use super::rows;
use crate::{
    db::{Connection, DbError, all},
    jobs::{
        run::RunId,
        task::{Task, TaskState},
    },
};

/// The tasks of a run in the order of planning, `limit` of them after position `offset`.
///
/// # Errors
/// What the database says.
pub async fn list_tasks(
    connection: &impl Connection,
    run: &RunId,
    state: Option<TaskState>,
    offset: u64,
    limit: u32,
) -> Result<Vec<Task>, DbError> {
    let mut values: Vec<Value> = vec![run.as_str().into()];
    let mut condition = "";
    if let Some(state) = state {
        values.push(state.as_str().into());
        condition = "AND state = $2";
    }
    let sql = format!(
        "SELECT {} FROM task WHERE run_id = $1 {condition} ORDER BY position LIMIT {limit} OFFSET {offset}",
        rows::TASK_COLUMNS
    );
    all(connection, &sql, values).await?.iter().map(rows::task).collect()
}
