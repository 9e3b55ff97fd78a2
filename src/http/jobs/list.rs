//! `GET /jobs` and `GET /jobs/{job}`.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    JobsState,
    job_path::JobInPath,
    overview::{self, overviews},
    wire::JobJson,
};
use crate::http::{
    auth::Reader,
    extract::{NoParams, QueryParams},
    openapi::schema::{Limit, Name64},
    page,
    paging::{Page, cursor, limit, name},
    problem::Answer,
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    #[param(value_type = Option<Limit>, inline)]
    limit: Option<String>,
    /// The name of the last job of the page before.
    #[param(value_type = Option<Name64>, inline)]
    cursor: Option<String>,
}

/// The jobs by name
///
/// Asked for `text/html` it answers as a page.
#[utoipa::path(
    get,
    path = "/jobs",
    operation_id = "listJobs",
    tag = "jobs",
    params(Params),
    responses((
        status = 200,
        description = "A page of jobs",
        content((Page<JobJson> = "application/json"), (String = "text/html"))
    ))
)]
pub async fn list(
    _: Reader,
    State(state): State<JobsState>,
    QueryParams(params): QueryParams<Params>,
    headers: HeaderMap,
) -> Answer<Response> {
    let limit = limit(params.limit.as_deref())?;
    let after = cursor(params.cursor.as_deref(), name)?;
    let now = state.clock.now();
    let most = limit as usize + 1;
    let jobs = overviews(state.database.connection(), &state.registry, now, after.as_deref(), most).await?;
    let jobs = Page::cut(jobs, limit, |job| job.name.to_owned());
    Ok(page::negotiate(&headers, jobs, |jobs| page::jobs(jobs, now), |jobs| jobs.map(|job| JobJson::new(job, now))))
}

/// A job
#[utoipa::path(
    get,
    path = "/jobs/{job}",
    operation_id = "getJob",
    tag = "jobs",
    params(JobInPath),
    responses((status = 200, description = "The job", body = JobJson), (status = 404, description = "There is no such job."))
)]
pub async fn one(
    _: Reader,
    State(state): State<JobsState>,
    Path(job): Path<String>,
    _: NoParams,
) -> Answer<Json<JobJson>> {
    let now = state.clock.now();
    let job = overview::one(state.database.connection(), &*state.find(&job)?, now).await?;
    Ok(Json(JobJson::new(job, now)))
}
