//! `POST /backfills/{id}/pause`, `/resume`, `/cancel` and `/retry`.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, StatusCode, header},
};

use super::{BackfillsState, path, refused::refused, wire::BackfillJson};
use crate::http::{auth::Authorized, extract::BackfillPath, problem::Answer};

pub async fn pause(
    _: Authorized,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
) -> Answer<Json<BackfillJson>> {
    Ok(Json(state.told(state.backfills.pause(&id).await.map_err(refused)?).await?))
}

pub async fn resume(
    _: Authorized,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
) -> Answer<Json<BackfillJson>> {
    Ok(Json(state.told(state.backfills.resume(&id).await.map_err(refused)?).await?))
}

/// 202: it ends within seconds.
pub async fn cancel(
    _: Authorized,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
) -> Answer<(StatusCode, Json<BackfillJson>)> {
    let backfill = state.backfills.cancel(&id).await.map_err(refused)?;
    Ok((StatusCode::ACCEPTED, Json(state.told(backfill).await?)))
}

/// A new backfill over the failed items of that one.
pub async fn retry(
    _: Authorized,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
) -> Answer<(StatusCode, [(HeaderName, String); 1], Json<BackfillJson>)> {
    let backfill = state.backfills.retry(&id).await.map_err(refused)?;
    let location = [(header::LOCATION, path(&backfill.id))];
    Ok((StatusCode::ACCEPTED, location, Json(state.told(backfill).await?)))
}
