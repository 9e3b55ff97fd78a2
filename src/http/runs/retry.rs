//! `POST /runs/{id}/retry`: a new run over the failed tasks of that one.

use axum::{extract::State, http::HeaderMap, response::Response};

use super::{RunsState, refused};
use crate::{
    http::{auth::Authorized, extract::RunPath, problem::Answer},
    jobs::Triggered,
};

pub async fn retry(
    _: Authorized,
    State(state): State<RunsState>,
    RunPath(id): RunPath,
    headers: HeaderMap,
) -> Answer<Response> {
    let (Triggered::New(run) | Triggered::Repeated(run)) = state.triggers.retry(&id).await.map_err(refused)?;
    Ok(state.waiter.accepted(run, &headers).await)
}
