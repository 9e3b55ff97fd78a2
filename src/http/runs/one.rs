//! `GET /runs/{id}`.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{AppendHeaders, IntoResponse as _, Response},
};

use super::{RunsState, wire::RunJson};
use crate::{
    http::{
        auth::Reader,
        extract::{NoParams, RunPath},
        page,
        problem::Answer,
    },
    jobs::store,
};

/// Tasks shown on a run's page.
const SHOWN: u32 = 500;
/// Lines of its log, the last ones.
const LINES: u32 = 200;
/// Seconds after which a browser looks again while the run lasts.
const REFRESH: HeaderValue = HeaderValue::from_static("3");

/// A run
///
/// Asked for `text/html` it answers as a page with its tasks and the end of its log.
#[utoipa::path(
    get,
    path = "/runs/{id}",
    operation_id = "getRun",
    tag = "runs",
    params(RunPath),
    responses(
        (status = 200, description = "The run", content((RunJson = "application/json"), (String = "text/html"))),
        (status = 404, description = "There is no such run.")
    )
)]
pub async fn one(
    _: Reader,
    State(state): State<RunsState>,
    RunPath(id): RunPath,
    _: NoParams,
    headers: HeaderMap,
) -> Answer<Response> {
    let (run, now) = (state.find(&id).await?, state.waiter.clock.now());
    let html = page::wants_html(&headers);
    let connection = state.waiter.database.connection();
    let (tasks, log) = match html {
        true => (
            store::list_tasks(connection, &id, None, None, SHOWN).await?,
            store::last_of_run_log(connection, &id, LINES).await?,
        ),
        false => (Vec::new(), Vec::new()),
    };
    let refresh = (html && !run.state.is_final()).then_some([(header::REFRESH, REFRESH)]);
    let rejected_at = if html { state.triggers.registry().rejected_at(&run).await? } else { None };
    let page = |run| page::run(&run, &tasks, &log, rejected_at.as_deref(), now);
    let answer = page::negotiate(&headers, run, page, |run| RunJson::new(run, now));
    Ok((AppendHeaders(refresh.into_iter().flatten()), answer).into_response())
}
