//! `POST /backfills/{id}/pause`, `/resume`, `/cancel` and `/retry`.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, StatusCode, header},
};

use super::{BackfillsState, path, refused::refused, wire::BackfillJson};
use crate::http::{
    auth::Operator,
    extract::{BackfillPath, NoParams},
    problem::Answer,
};

pub async fn pause(
    Operator(actor): Operator,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
    _: NoParams,
) -> Answer<Json<BackfillJson>> {
    Ok(Json(state.told(state.backfills.pause(&id, &actor).await.map_err(refused)?).await?))
}

pub async fn resume(
    Operator(actor): Operator,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
    _: NoParams,
) -> Answer<Json<BackfillJson>> {
    Ok(Json(state.told(state.backfills.resume(&id, &actor).await.map_err(refused)?).await?))
}

/// 202: it ends within seconds.
pub async fn cancel(
    Operator(actor): Operator,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
    _: NoParams,
) -> Answer<(StatusCode, Json<BackfillJson>)> {
    let backfill = state.backfills.cancel(&id, &actor).await.map_err(refused)?;
    Ok((StatusCode::ACCEPTED, Json(state.told(backfill).await?)))
}

/// A new backfill over the failed items of that one.
pub async fn retry(
    Operator(actor): Operator,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
    _: NoParams,
) -> Answer<(StatusCode, [(HeaderName, String); 1], Json<BackfillJson>)> {
    let backfill = state.backfills.retry(&id, &actor).await.map_err(refused)?;
    let location = [(header::LOCATION, path(&backfill.id))];
    Ok((StatusCode::ACCEPTED, location, Json(state.told(backfill).await?)))
}
