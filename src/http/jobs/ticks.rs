//! `GET /jobs/{job}/ticks`: every tick and what became of it, newest first.

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;

use super::{JobsState, wire::TickJson};
use crate::{
    http::{
        auth::Reader,
        extract::{QueryParams, instant, word},
        paging::{Page, cursor, limit},
        problem::Answer,
    },
    jobs::{
        TickOutcome,
        store::{self, TickFilter},
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    since: Option<String>,
    until: Option<String>,
    outcome: Option<String>,
    limit: Option<String>,
    /// The instant of the last tick of the page before.
    cursor: Option<String>,
}

pub async fn list(
    _: Reader,
    State(state): State<JobsState>,
    Path(job): Path<String>,
    QueryParams(params): QueryParams<Params>,
) -> Answer<Json<Page<TickJson>>> {
    state.find(&job)?;
    let limit = limit(params.limit.as_deref())?;
    let filter = TickFilter {
        since: instant("since", params.since.as_deref())?,
        until: instant("until", params.until.as_deref())?,
        outcome: word("outcome", params.outcome.as_deref(), TickOutcome::ALL, TickOutcome::as_str)?,
        before: cursor(params.cursor.as_deref(), |text| text.parse::<DateTime<Utc>>().ok())?,
        limit: limit + 1,
    };
    let ticks = store::list_ticks(state.database.connection(), &job, &filter).await?;
    let last = |tick: &crate::jobs::Tick| tick.scheduled_for.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    Ok(Json(Page::cut(ticks, limit, last).map(TickJson::from)))
}
