//! `GET /jobs/{job}/ticks`: every tick and what became of it, newest first.

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{JobInPath, JobsState, wire::TickJson};
use crate::{
    http::{
        auth::Reader,
        extract::{QueryParams, instant, word},
        openapi::schema::{Instant, Limit},
        paging::{Page, cursor, limit},
        problem::{Answer, Problem},
    },
    jobs::{
        TickOutcome,
        store::{self, TickFilter},
    },
    told,
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// Due at this instant or later; a day means its midnight in UTC.
    #[param(value_type = Option<Instant>, inline)]
    since: Option<String>,
    /// Due before this instant, which is after `since`.
    #[param(value_type = Option<Instant>, inline)]
    until: Option<String>,
    /// What became of it.
    #[param(value_type = Option<TickOutcome>, inline)]
    outcome: Option<String>,
    #[param(value_type = Option<Limit>, inline)]
    limit: Option<String>,
    /// The instant of the last tick of the page before.
    #[param(value_type = Option<DateTime<Utc>>, inline)]
    cursor: Option<String>,
}

/// Every tick of a job and what became of it, newest first
#[utoipa::path(
    get,
    path = "/jobs/{job}/ticks",
    operation_id = "listTicks",
    tag = "jobs",
    params(JobInPath, Params),
    responses(
        (status = 200, description = "A page of ticks", body = Page<TickJson>),
        (status = 404, description = "There is no such job.")
    )
)]
pub async fn list(
    _: Reader,
    State(state): State<JobsState>,
    Path(job): Path<String>,
    QueryParams(params): QueryParams<Params>,
) -> Answer<Json<Page<TickJson>>> {
    state.find(&job)?;
    let limit = limit(params.limit.as_deref())?;
    let (since, until) = range(&params)?;
    let filter = TickFilter {
        since,
        until,
        except: None,
        outcome: word("outcome", params.outcome.as_deref(), TickOutcome::ALL, TickOutcome::as_str)?,
        before: cursor(params.cursor.as_deref(), |text| text.parse::<DateTime<Utc>>().ok())?,
        limit: limit + 1,
    };
    let ticks = store::list_ticks(state.database.connection(), &job, &filter).await?;
    let last = |tick: &crate::jobs::Tick| tick.scheduled_for.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    Ok(Json(Page::cut(ticks, limit, last).map(TickJson::from)))
}

/// Since, and until.
type Ends = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Both ends; a range that ends where it starts, or before, has no instant in it.
fn range(params: &Params) -> Answer<Ends> {
    let since = instant("since", params.since.as_deref())?;
    let until = instant("until", params.until.as_deref())?;
    if let (Some(since), Some(until)) = (since, until)
        && since >= until
    {
        let [since, until] = [since, until].map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        let message = told!(
            "until {until} is not after since {since}; a day means its midnight in UTC",
            "until {until} が since {since} より後ではありません。日付だけの場合は UTC の 0 時を表します"
        );
        return Err(Problem::bad_request("until", message));
    }
    Ok((since, until))
}
