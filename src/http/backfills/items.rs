//! `GET /backfills/{id}/items`: in the order of working.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{BackfillsState, refused::refused, wire::ItemJson};
use crate::{
    http::{
        auth::Reader,
        extract::{BackfillPath, QueryParams, word},
        openapi::schema::{Limit, Offset},
        paging::{Page, cursor, limit},
        problem::Answer,
    },
    jobs::{ItemState, store},
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// In this state.
    #[param(value_type = Option<ItemState>, inline)]
    state: Option<String>,
    #[param(value_type = Option<Limit>, inline)]
    limit: Option<String>,
    /// How many items the pages before had.
    #[param(value_type = Option<Offset>, inline)]
    cursor: Option<String>,
}

/// The items of a backfill, in the order of working
#[utoipa::path(
    get,
    path = "/backfills/{id}/items",
    operation_id = "listItems",
    tag = "backfills",
    params(BackfillPath, Params),
    responses(
        (status = 200, description = "A page of items", body = Page<ItemJson>),
        (status = 404, description = "There is no such backfill.")
    )
)]
pub async fn list(
    _: Reader,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
    QueryParams(params): QueryParams<Params>,
) -> Answer<Json<Page<ItemJson>>> {
    let limit = limit(params.limit.as_deref())?;
    let offset: u32 = cursor(params.cursor.as_deref(), |text| text.parse().ok())?.unwrap_or(0);
    let wanted = word("state", params.state.as_deref(), ItemState::ALL, ItemState::as_str)?;
    state.backfills.find(&id).await.map_err(refused)?;
    let connection = state.database.connection();
    let items = store::list_items(connection, &id, wanted, u64::from(offset), limit + 1).await?;
    let next = (u64::from(offset) + u64::from(limit)).to_string();
    Ok(Json(Page::cut(items, limit, |_| next).map(ItemJson::from)))
}
