//! `POST /jobs/{job}/pause` and `/resume`: durable, and true for all replicas.

use axum::{
    Json,
    extract::{Path, State},
};

use serde_json::json;

use super::{JobInPath, JobsState, overview, wire::JobJson};
use crate::{
    audit::{self, Actor, Change},
    http::{auth::Operator, problem::Answer},
    jobs::store,
};

/// Pauses a job
///
/// Durable, and true for all replicas; its ticks are recorded as skipped. Doing it twice is doing it once.
#[utoipa::path(
    post,
    path = "/jobs/{job}/pause",
    operation_id = "pauseJob",
    tag = "jobs",
    params(JobInPath),
    responses((status = 200, description = "The job", body = JobJson), (status = 404, description = "There is no such job."))
)]
pub async fn pause(
    Operator(actor): Operator,
    State(state): State<JobsState>,
    Path(job): Path<String>,
) -> Answer<Json<JobJson>> {
    set(&state, &actor, &job, true).await
}

/// Resumes a job that was paused
#[utoipa::path(
    post,
    path = "/jobs/{job}/resume",
    operation_id = "resumeJob",
    tag = "jobs",
    params(JobInPath),
    responses((status = 200, description = "The job", body = JobJson), (status = 404, description = "There is no such job."))
)]
pub async fn resume(
    Operator(actor): Operator,
    State(state): State<JobsState>,
    Path(job): Path<String>,
) -> Answer<Json<JobJson>> {
    set(&state, &actor, &job, false).await
}

/// Doing it twice is doing it once.
async fn set(state: &JobsState, actor: &Actor, job: &str, paused: bool) -> Answer<Json<JobJson>> {
    let registered = state.find(job)?;
    let now = state.clock.now();
    let transaction = state.database.begin().await?;
    // A job that no scheduler has met yet has no row that could remember it.
    store::ensure_job(&transaction, job, &registered.schedule, now).await?;
    let changed = store::set_paused(&transaction, job, paused).await?;
    if changed {
        audit::store::record(&transaction, actor, &change(job, paused)).await?;
    }
    transaction.commit().await?;
    if changed {
        tracing::info!(job, paused, actor = actor.name, "the job was paused or resumed");
    }
    state.metrics.paused(registered.name(), paused);
    Ok(Json(JobJson::new(overview::one(state.database.connection(), &registered, now).await?, now)))
}

fn change(job: &str, paused: bool) -> Change<'_> {
    Change {
        action: if paused { "job.pause" } else { "job.resume" },
        subject: job,
        before: Some(json!({"paused": !paused})),
        after: Some(json!({"paused": paused})),
        note: "",
    }
}
