//! `GET /runs`: newest first.

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{RunsState, wire::RunJson};
use crate::{
    http::{
        auth::Reader,
        extract::{QueryParams, instant, plain_text, word},
        openapi::schema::{Id, Instant, Limit, Name64},
        page,
        paging::{Page, cursor, limit},
        problem::{Answer, Problem},
    },
    jobs::{
        RunId, RunState, Trigger,
        store::{self, RunFilter},
    },
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// Of this job: one that there is, or of which there are runs.
    #[param(value_type = Option<Name64>, inline, example = "stock")]
    job: Option<String>,
    /// In this state.
    #[param(value_type = Option<RunState>, inline)]
    state: Option<String>,
    /// Made by this.
    #[param(value_type = Option<Trigger>, inline)]
    trigger: Option<String>,
    /// Made at this instant or later; a day means its midnight in UTC.
    #[param(value_type = Option<Instant>, inline)]
    since: Option<String>,
    #[param(value_type = Option<Limit>, inline)]
    limit: Option<String>,
    /// The id of the last run of the page before.
    #[param(value_type = Option<Id>, inline)]
    cursor: Option<String>,
}

/// The runs, newest first
///
/// Asked for `text/html` it answers as a page.
#[utoipa::path(
    get,
    path = "/runs",
    operation_id = "listRuns",
    tag = "runs",
    params(Params),
    responses((
        status = 200,
        description = "A page of runs",
        content((Page<RunJson> = "application/json"), (String = "text/html"))
    ))
)]
pub async fn list(
    _: Reader,
    State(state): State<RunsState>,
    QueryParams(params): QueryParams<Params>,
    headers: HeaderMap,
) -> Answer<Response> {
    let limit = limit(params.limit.as_deref())?;
    let filter = RunFilter { limit: limit + 1, ..filter(params)? };
    let runs = store::list_runs(state.waiter.database.connection(), &filter).await?;
    if let Some(job) = filter.job.as_deref().filter(|_| runs.is_empty()) {
        state.judge_job(job).await?;
    }
    let (runs, now) = (Page::cut(runs, limit, |run| run.id.to_string()), state.waiter.clock.now());
    Ok(page::negotiate(
        &headers,
        runs,
        |runs| page::runs(runs, &filter, limit, now),
        |runs| runs.map(|run| RunJson::new(run, now)),
    ))
}

fn filter(params: Params) -> Answer<RunFilter> {
    let job = params.job.filter(|job| !job.is_empty());
    if let Some(Err(reason)) = job.as_deref().map(|job| plain_text(job, 64)) {
        return Err(Problem::bad_request("job", reason));
    }
    Ok(RunFilter {
        job,
        state: word("state", params.state.as_deref(), RunState::ALL, RunState::as_str)?,
        trigger: word("trigger", params.trigger.as_deref(), Trigger::ALL, Trigger::as_str)?,
        since: instant("since", params.since.as_deref())?,
        after: cursor(params.cursor.as_deref(), RunId::parse)?,
        limit: 0,
    })
}
