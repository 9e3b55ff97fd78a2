//! `POST /jobs/{job}/backfills`: makes a backfill, or tells in a dry run what it would do.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{BackfillsState, path, refused::refused, request::BackfillBody, wire::PlanJson};
use crate::{
    http::{
        auth::Operator,
        extract::Body,
        jobs::idempotency_key,
        problem::{Answer, Problem},
    },
    jobs::{Idempotency, MadeBackfill, Registered},
};

pub async fn make(
    Operator(actor): Operator,
    State(state): State<BackfillsState>,
    Path(job): Path<String>,
    headers: HeaderMap,
    Body(body): Body,
) -> Answer<Response> {
    let registered = state.job(&job)?;
    let key = idempotency_key(&headers)?;
    let body = judged(&registered, BackfillBody::read(&body)?).await?;
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

/// Adds what the job itself has against the parameters, so that both are told in one answer.
async fn judged(registered: &Registered, mut body: BackfillBody) -> Answer<BackfillBody> {
    if body.wrong.is_empty() {
        return Ok(body);
    }
    let more = registered.job.check(&body.request.params).await.map_err(|error| refused(error.into()))?;
    for problem in more {
        if !body.wrong.iter().any(|(member, _)| member == problem.param) {
            body.wrong.push((problem.param.to_owned(), problem.message));
        }
    }
    Err(Problem::unprocessable(body.wrong))
}
