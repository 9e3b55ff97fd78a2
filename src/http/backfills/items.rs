//! `GET /backfills/{id}/items`: in the order of working.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{BackfillsState, refused::refused, wire::ItemJson};
use crate::{
    http::{
        auth::Reader,
        extract::{BackfillPath, QueryParams, word},
        openapi::schema::Limit,
        paging::{Page, cursor, limit},
        problem::Answer,
    },
    jobs::{ItemState, Place, store},
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
    /// The place of the last item of the page before.
    #[param(value_type = Option<Place>, inline)]
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
    let after = cursor(params.cursor.as_deref(), Place::parse)?;
    let wanted = word("state", params.state.as_deref(), ItemState::ALL, ItemState::as_str)?;
    state.backfills.find(&id).await.map_err(refused)?;
    let connection = state.database.connection();
    let items = store::list_items(connection, &id, wanted, after.as_ref(), limit + 1).await?;
    Ok(Json(Page::cut(items, limit, |item| item.place().to_string()).map(ItemJson::from)))
}
