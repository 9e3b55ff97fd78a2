//! `GET /backfills/{id}/items`: in the order of working.

use axum::{Json, extract::State};
use serde::Deserialize;

use super::{BackfillsState, refused::refused, wire::ItemJson};
use crate::{
    http::{
        auth::Reader,
        extract::{BackfillPath, QueryParams, word},
        paging::{Page, cursor, limit},
        problem::Answer,
    },
    jobs::{ItemState, Place, store},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    state: Option<String>,
    limit: Option<String>,
    /// The place of the last item of the page before.
    cursor: Option<String>,
}

pub async fn list(
    _: Reader,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
    QueryParams(params): QueryParams<Params>,
) -> Answer<Json<Page<ItemJson>>> {
    let limit = limit(params.limit.as_deref())?;
    let after = cursor(params.cursor.as_deref(), Place::parse)?;
    let wanted = word("state", params.state.as_deref(), ItemState::ALL, ItemState::as_str)?;
    state.backfills.find(&id).await.map_err(refused)?;
    let connection = state.database.connection();
    let items = store::list_items(connection, &id, wanted, after.as_ref(), limit + 1).await?;
    Ok(Json(Page::cut(items, limit, |item| item.place().to_string()).map(ItemJson::from)))
}
