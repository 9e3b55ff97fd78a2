//! `GET /jobs/{job}/backfills`, newest first, and `GET /backfills/{id}`.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;

use super::{BackfillsState, refused::refused, wire::BackfillJson};
use crate::{
    http::{
        auth::Reader,
        extract::{BackfillPath, NoParams, QueryParams, word},
        paging::{Page, cursor, limit},
        problem::Answer,
    },
    jobs::{
        BackfillId, BackfillState,
        store::{self, BackfillFilter},
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    state: Option<String>,
    limit: Option<String>,
    /// The id of the last backfill of the page before.
    cursor: Option<String>,
}

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

pub async fn one(
    _: Reader,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
    _: NoParams,
) -> Answer<Json<BackfillJson>> {
    Ok(Json(state.told(state.backfills.find(&id).await.map_err(refused)?).await?))
}
