//! `POST /runs/{id}/retry`: a new run over the failed tasks of that one.

use axum::{extract::State, http::HeaderMap, response::Response};

use super::{RunJson, RunsState, refused};
use crate::{
    http::{
        auth::Operator,
        extract::{NoParams, RunPath},
        prefer::{self, Prefer},
        problem::Answer,
    },
    jobs::Triggered,
};

/// Repeats the failed tasks of a run, as a new run
#[utoipa::path(
    post,
    path = "/runs/{id}/retry",
    operation_id = "retryRun",
    tag = "runs",
    params(RunPath, Prefer),
    responses(
        (status = 200, description = "The finished run, when it ended within `Prefer: wait`", body = RunJson,
            headers(("Location", description = "Where the run is found."), ("Preference-Applied", description = "The wait."))),
        (status = 202, description = "The run, which goes on", body = RunJson,
            headers(("Location", description = "Where the run is found."))),
        (status = 404, description = "There is no such run."),
        (status = 409, description = "The run is not over, or none of its tasks failed.")
    )
)]
pub async fn retry(
    Operator(actor): Operator,
    State(state): State<RunsState>,
    RunPath(id): RunPath,
    _: NoParams,
    headers: HeaderMap,
) -> Answer<Response> {
    let made = state.triggers.awaited(prefer::wait(&headers).is_some()).retry(&id, Some(&actor)).await;
    let (Triggered::New(run) | Triggered::Repeated(run)) = made.map_err(refused)?;
    Ok(state.waiter.accepted(run, &headers).await)
}
