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

/// Pauses a backfill
///
/// Items under way end first.
#[utoipa::path(
    post,
    path = "/backfills/{id}/pause",
    operation_id = "pauseBackfill",
    tag = "backfills",
    params(BackfillPath),
    responses(
        (status = 200, description = "The backfill", body = BackfillJson),
        (status = 404, description = "There is no such backfill."),
        (status = 409, description = "Its state does not allow that.")
    )
)]
pub async fn pause(
    Operator(actor): Operator,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
    _: NoParams,
) -> Answer<Json<BackfillJson>> {
    Ok(Json(state.told(state.backfills.pause(&id, &actor).await.map_err(refused)?).await?))
}

/// Resumes a backfill that was paused
#[utoipa::path(
    post,
    path = "/backfills/{id}/resume",
    operation_id = "resumeBackfill",
    tag = "backfills",
    params(BackfillPath),
    responses(
        (status = 200, description = "The backfill", body = BackfillJson),
        (status = 404, description = "There is no such backfill."),
        (status = 409, description = "Its state does not allow that.")
    )
)]
pub async fn resume(
    Operator(actor): Operator,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
    _: NoParams,
) -> Answer<Json<BackfillJson>> {
    Ok(Json(state.told(state.backfills.resume(&id, &actor).await.map_err(refused)?).await?))
}

/// Ends a backfill
///
/// Within seconds; items under way are ended too.
#[utoipa::path(
    post,
    path = "/backfills/{id}/cancel",
    operation_id = "cancelBackfill",
    tag = "backfills",
    params(BackfillPath),
    responses(
        (status = 202, description = "The backfill, which ends", body = BackfillJson),
        (status = 404, description = "There is no such backfill."),
        (status = 409, description = "Its state does not allow that.")
    )
)]
pub async fn cancel(
    Operator(actor): Operator,
    State(state): State<BackfillsState>,
    BackfillPath(id): BackfillPath,
    _: NoParams,
) -> Answer<(StatusCode, Json<BackfillJson>)> {
    let backfill = state.backfills.cancel(&id, &actor).await.map_err(refused)?;
    Ok((StatusCode::ACCEPTED, Json(state.told(backfill).await?)))
}

/// Repeats the failed items of a backfill, as a new backfill
#[utoipa::path(
    post,
    path = "/backfills/{id}/retry",
    operation_id = "retryBackfill",
    tag = "backfills",
    params(BackfillPath),
    responses(
        (status = 202, description = "The new backfill", body = BackfillJson,
            headers(("Location", description = "Where the backfill is found."))),
        (status = 404, description = "There is no such backfill."),
        (status = 409, description = "It is not over, or none of its items failed.")
    )
)]
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
