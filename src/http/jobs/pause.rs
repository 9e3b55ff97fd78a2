//! `POST /jobs/{job}/pause` and `/resume`: durable, and true for all replicas.

use axum::{
    Json,
    extract::{Path, State},
};

use super::{JobsState, overview, wire::JobJson};
use crate::{
    http::{auth::Authorized, problem::Answer},
    jobs::store,
};

pub async fn pause(_: Authorized, State(state): State<JobsState>, Path(job): Path<String>) -> Answer<Json<JobJson>> {
    set(&state, &job, true).await
}

pub async fn resume(_: Authorized, State(state): State<JobsState>, Path(job): Path<String>) -> Answer<Json<JobJson>> {
    set(&state, &job, false).await
}

/// Doing it twice is doing it once.
async fn set(state: &JobsState, job: &str, paused: bool) -> Answer<Json<JobJson>> {
    let registered = state.find(job)?;
    let (connection, now) = (state.database.connection(), state.clock.now());
    // A job that no scheduler has met yet has no row that could remember it.
    store::ensure_job(connection, job, &registered.schedule, now).await?;
    if store::set_paused(connection, job, paused).await? {
        tracing::info!(job, paused, "the job was paused or resumed");
    }
    state.metrics.paused(registered.name(), paused);
    Ok(Json(JobJson::new(overview::one(connection, &registered, now).await?, now)))
}
