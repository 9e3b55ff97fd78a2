//! `GET /runs/{id}/tasks`: in the order of planning.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{RunsState, wire::TaskJson};
use crate::{
    http::{
        auth::Reader,
        extract::{QueryParams, RunPath, word},
        openapi::schema::{Limit, Offset},
        paging::{Page, cursor, limit},
        problem::Answer,
    },
    jobs::{TaskState, store},
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// In this state.
    #[param(value_type = Option<TaskState>, inline)]
    state: Option<String>,
    #[param(value_type = Option<Limit>, inline)]
    limit: Option<String>,
    /// How many tasks the pages before had.
    #[param(value_type = Option<Offset>, inline)]
    cursor: Option<String>,
}

/// The tasks of a run, in the order of planning
#[utoipa::path(
    get,
    path = "/runs/{id}/tasks",
    operation_id = "listTasks",
    tag = "runs",
    params(RunPath, Params),
    responses(
        (status = 200, description = "A page of tasks", body = Page<TaskJson>),
        (status = 404, description = "There is no such run.")
    )
)]
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
