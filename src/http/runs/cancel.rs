//! `POST /runs/{id}/cancel`.

use axum::{Json, extract::State, http::StatusCode};

use super::{RunsState, path, wire::RunJson};
use crate::{
    http::{
        auth::Operator,
        extract::{NoParams, RunPath},
        problem::{Answer, Problem},
    },
    jobs::{Run, RunState},
    told,
};

/// Ends a run
///
/// It is `cancelling` until its tasks have stopped.
#[utoipa::path(
    post,
    path = "/runs/{id}/cancel",
    operation_id = "cancelRun",
    tag = "runs",
    params(RunPath),
    responses(
        (status = 202, description = "The run, which ends", body = RunJson),
        (status = 404, description = "There is no such run."),
        (status = 409, description = "The run is over.")
    )
)]
pub async fn cancel(
    Operator(actor): Operator,
    State(state): State<RunsState>,
    RunPath(id): RunPath,
    _: NoParams,
) -> Answer<(StatusCode, Json<RunJson>)> {
    let run = state.find(&id).await?;
    if run.state.is_final() {
        return Err(finished(&run));
    }
    state.triggers.cancel(&id, Some(&actor)).await?;
    let now = state.find(&id).await?;
    if now.state.is_final() && now.state != RunState::Cancelled {
        return Err(finished(&now));
    }
    if run.state == RunState::Queued && now.state == RunState::Cancelled {
        // No executor saw it, so none has counted it.
        state.metrics.run_finished(&now.job, now.trigger.as_str(), now.state.as_str());
    }
    // Within the run's span, so that its log tells it.
    tracing::info_span!("run", run = %id, job = now.job)
        .in_scope(|| tracing::info!(state = %now.state, "cancellation was asked for"));
    Ok((StatusCode::ACCEPTED, Json(RunJson::new(now, state.waiter.clock.now()))))
}

fn finished(run: &Run) -> Problem {
    let Run { id, state, .. } = run;
    let message = told!("run {id} is over: {state}", "実行 {id} はすでに終わっています（{state}）");
    Problem::conflict(message, Some(path(id)))
}
