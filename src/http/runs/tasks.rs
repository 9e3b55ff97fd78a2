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
    jobs::{TaskState, store},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    state: Option<String>,
    limit: Option<String>,
    /// How many tasks the pages before had.
    cursor: Option<String>,
}

pub async fn list(
    _: Reader,
    State(state): State<RunsState>,
    RunPath(id): RunPath,
    QueryParams(params): QueryParams<Params>,
) -> Answer<Json<Page<TaskJson>>> {
    let limit = limit(params.limit.as_deref())?;
    let offset: u32 = cursor(params.cursor.as_deref(), |text| text.parse().ok())?.unwrap_or(0);
    let wanted = word("state", params.state.as_deref(), TaskState::ALL, TaskState::as_str)?;
    state.find(&id).await?;
    let connection = state.waiter.database.connection();
    let tasks = store::list_tasks(connection, &id, wanted, u64::from(offset), limit + 1).await?;
    let next = (u64::from(offset) + u64::from(limit)).to_string();
    Ok(Json(Page::cut(tasks, limit, |_| next).map(TaskJson::from)))
}
