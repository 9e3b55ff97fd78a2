//! `GET /jobs/{job}/backfills`, newest first, and `GET /backfills/{id}`.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{BackfillsState, refused::refused, wire::BackfillJson};
use crate::{
    http::{
        auth::Reader,
        extract::{BackfillPath, NoParams, QueryParams, word},
        jobs::JobInPath,
        openapi::schema::{Id, Limit},
        paging::{Page, cursor, limit},
        problem::Answer,
    },
    jobs::{
        BackfillId, BackfillState,
        store::{self, BackfillFilter},
    },
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// In this state.
    #[param(value_type = Option<BackfillState>, inline)]
    state: Option<String>,
    #[param(value_type = Option<Limit>, inline)]
    limit: Option<String>,
    /// The id of the last backfill of the page before.
    #[param(value_type = Option<Id>, inline)]
    cursor: Option<String>,
}

/// The backfills of a job, newest first
#[utoipa::path(
    get,
    path = "/jobs/{job}/backfills",
    operation_id = "listBackfills",
    tag = "backfills",
    params(JobInPath, Params),
    responses(
        (status = 200, description = "A page of backfills", body = Page<BackfillJson>),
        (status = 404, description = "There is no such job.")
    )
)]
pub async fn list(
    _: Reader,
    State(state): State<BackfillsState>,
    Path(job): Path<String>,
    QueryParams(params): QueryParams<Params>,
) -> Answer<Json<Page<BackfillJson>>> {
    state.job(&job)?;
    let limit = limit(params.limit.as_deref())?;
    let filter = BackfillFilter {
        state: word("state", params.state.as_deref(), BackfillState::ALL, BackfillState::as_str)?,
        after: cursor(params.cursor.as_deref(), BackfillId::parse)?,
        limit: limit + 1,
    };
    let connection = state.database.connection();
    let found = store::list_backfills(connection, &job, &filter).await?;
    let page = Page::cut(found, limit, |backfill| backfill.id.to_string());
    let ids: Vec<&BackfillId> = page.items.iter().map(|backfill| &backfill.id).collect();
    let mut tallies = store::tallies(connection, &ids).await?;
    Ok(Json(page.map(|backfill| {
        let tally = tallies.remove(&backfill.id).unwrap_or_default();
        BackfillJson::new(backfill, &tally)
    })))
}

/// A backfill with its items counted
#[utoipa::path(
    get,
    path = "/backfills/{id}",
    operation_id = "getBackfill",
    tag = "backfills",
    params(BackfillPath),
    responses(
        (status = 200, description = "The backfill", body = BackfillJson),
        (status = 404, description = "There is no such backfill.")
    )
)]
pub async fn one(
    _: Reader,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
    _: NoParams,
) -> Answer<Json<BackfillJson>> {
    Ok(Json(state.told(state.backfills.find(&id).await.map_err(refused)?).await?))
}
