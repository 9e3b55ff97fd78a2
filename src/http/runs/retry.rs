//! `POST /runs/{id}/retry`: a new run over the failed tasks of that one.

use axum::{extract::State, http::HeaderMap, response::Response};

use super::{RunsState, refused};
use crate::{
    http::{
        auth::Operator,
        extract::{NoParams, RunPath},
        problem::Answer,
    },
    jobs::Triggered,
};

pub async fn retry(
    Operator(actor): Operator,
    State(state): State<RunsState>,
    RunPath(id): RunPath,
    _: NoParams,
    headers: HeaderMap,
) -> Answer<Response> {
    let made = state.triggers.retry(&id, Some(&actor)).await;
    let (Triggered::New(run) | Triggered::Repeated(run)) = made.map_err(refused)?;
    Ok(state.waiter.accepted(run, &headers).await)
}
