//! Tasks as the outside reads them.

use sea_orm::Value;

use super::{place, rows};
use crate::{
    db::{Connection, DbError, all},
    jobs::{
        place::Place,
        run::RunId,
        task::{Task, TaskState},
    },
};

/// The tasks of a run in the order of planning, `limit` of them; those behind `after` where it is given.
///
/// # Errors
/// What the database says.
pub async fn list_tasks(
    connection: &impl Connection,
    run: &RunId,
    state: Option<TaskState>,
    after: Option<&Place>,
    limit: u32,
) -> Result<Vec<Task>, DbError> {
    let mut values: Vec<Value> = vec![run.as_str().into()];
    let mut conditions = "run_id = $1".to_owned();
    if let Some(state) = state {
        values.push(state.as_str().into());
        conditions.push_str(" AND state = $2");
    }
    place::behind(after, &mut conditions, &mut values);
    let sql =
        format!("SELECT {} FROM task WHERE {conditions} ORDER BY position, key LIMIT {limit}", rows::TASK_COLUMNS);
    all(connection, &sql, values).await?.iter().map(rows::task).collect()
}
