//! `GET /runs/{id}/tasks`: in the order of planning.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{RunsState, wire::TaskJson};
use crate::{
    http::{
        auth::Reader,
        extract::{QueryParams, RunPath, word},
        openapi::schema::Limit,
        paging::{Page, cursor, limit},
        problem::Answer,
    },
    jobs::{Place, TaskState, store},
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
    /// The place of the last task of the page before.
    #[param(value_type = Option<Place>, inline)]
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
    let after = cursor(params.cursor.as_deref(), Place::parse)?;
    let wanted = word("state", params.state.as_deref(), TaskState::ALL, TaskState::as_str)?;
    state.find(&id).await?;
    let connection = state.waiter.database.connection();
    let tasks = store::list_tasks(connection, &id, wanted, after.as_ref(), limit + 1).await?;
    Ok(Json(Page::cut(tasks, limit, |task| task.place().to_string()).map(TaskJson::from)))
}
