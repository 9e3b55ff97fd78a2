//! `POST /jobs/{job}/backfills`: makes a backfill, or tells in a dry run what it would do.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{
    BackfillsState, described, path,
    refused::refused,
    request::BackfillBody,
    wire::{BackfillJson, PlanJson},
};
use crate::{
    http::{
        auth::Operator,
        extract::{Body, NoParams},
        jobs::{JobInPath, KeyInHeader, body::judge, idempotency_key},
        problem::Answer,
    },
    jobs::{Idempotency, MadeBackfill},
};

/// Makes a backfill
///
/// Its items are worked off behind every other run of the job. With `dryRun` it is only told what would be done.
#[utoipa::path(
    post,
    path = "/jobs/{job}/backfills",
    operation_id = "makeBackfill",
    tag = "backfills",
    params(JobInPath, KeyInHeader),
    request_body(content = Option<described::BackfillBody>, description = "What to work off; without a body what is missing"),
    responses(
        (status = 200, description = "What would be done, for a dry run", body = PlanJson),
        (status = 202, description = "The backfill", body = BackfillJson,
            headers(("Location", description = "Where the backfill is found."))),
        (status = 404, description = "There is no such job."),
        (status = 409),
        (status = 422)
    )
)]
pub async fn make(
    Operator(actor): Operator,
    State(state): State<BackfillsState>,
    Path(job): Path<String>,
    _: NoParams,
    headers: HeaderMap,
    Body(body): Body,
) -> Answer<Response> {
    let registered = state.job(&job)?;
    let key = idempotency_key(&headers)?;
    let mut body = BackfillBody::read(&body)?;
    judge(&registered, &body.request.params, state.clock.now(), std::mem::take(&mut body.wrong)).await?;
    if body.dry_run {
        let plan = state.backfills.plan(&job, &body.request).await.map_err(refused)?;
        return Ok(Json(PlanJson::from(plan)).into_response());
    }
    let request_hash = body.hash(&job);
    let idempotency = key.map(|key| Idempotency { key, request_hash: &request_hash });
    let made = state.backfills.make(&job, &body.request, idempotency, Some(&actor)).await.map_err(refused)?;
    let (MadeBackfill::New(backfill) | MadeBackfill::Repeated(backfill)) = made;
    let location = [(header::LOCATION, path(&backfill.id))];
    Ok((StatusCode::ACCEPTED, location, Json(state.told(backfill).await?)).into_response())
}
