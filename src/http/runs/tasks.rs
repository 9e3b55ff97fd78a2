//! `GET /runs/{id}/tasks`: in the order of planning.

use axum::{Json, extract::State};
use serde::Deserialize;

use super::{RunsState, wire::TaskJson};
use crate::{
    http::{
        auth::Reader,
        extract::{QueryParams, RunPath, word},
        paging::{Page, cursor, limit},
        problem::Answer,
    },
    jobs::{Place, TaskState, store},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    state: Option<String>,
    limit: Option<String>,
    /// The place of the last task of the page before.
    cursor: Option<String>,
}

pub async fn list(
    _: Reader,
    State(state): State<RunsState>,
    RunPath(id): RunPath,
    QueryParams(params): QueryParams<Params>,
) -> Answer<Json<Page<TaskJson>>> {
    let limit = limit(params.limit.as_deref())?;
    let after = cursor(params.cursor.as_deref(), Place::parse)?;
    let wanted = word("state", params.state.as_deref(), TaskState::ALL, TaskState::as_str)?;
    state.find(&id).await?;
    let connection = state.waiter.database.connection();
    let tasks = store::list_tasks(connection, &id, wanted, after.as_ref(), limit + 1).await?;
    Ok(Json(Page::cut(tasks, limit, |task| task.place().to_string()).map(TaskJson::from)))
}
