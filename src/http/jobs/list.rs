//! `GET /jobs` and `GET /jobs/{job}`.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;

use super::{
    JobsState,
    overview::{self, overviews},
    wire::JobJson,
};
use crate::http::{
    auth::Reader,
    extract::{NoParams, QueryParams},
    page,
    paging::{Page, cursor, limit, name},
    problem::Answer,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    limit: Option<String>,
    /// The name of the last job of the page before.
    cursor: Option<String>,
}

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
