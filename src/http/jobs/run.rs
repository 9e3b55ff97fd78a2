//! `POST /jobs/{job}/run`: a run by hand.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderName},
    response::Response,
};

use super::{JobsState, body::judge, request::RunRequest};
use crate::{
    http::{
        auth::Operator,
        extract::{Body, NoParams},
        problem::{Answer, Problem},
        runs,
    },
    jobs::{Idempotency, Trigger, Triggered},
    told,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LONGEST_KEY: usize = 255;

pub async fn run(
    Operator(actor): Operator,
    State(state): State<JobsState>,
    Path(job): Path<String>,
    _: NoParams,
    headers: HeaderMap,
    Body(body): Body,
) -> Answer<Response> {
    let registered = state.find(&job)?;
    let key = idempotency_key(&headers)?;
    let mut request = RunRequest::read(&body)?;
    judge(&registered, &request.params, std::mem::take(&mut request.wrong)).await?;
    let request_hash = request.hash(&job);
    let idempotency = key.map(|key| Idempotency { key, request_hash: &request_hash });
    let by = Some(&actor);
    let made = state.triggers.run(&job, Trigger::Manual, &request.params, &request.note, idempotency, by).await;
    let (Triggered::New(run) | Triggered::Repeated(run)) = made.map_err(runs::refused)?;
    Ok(state.waiter.accepted(run, &headers).await)
}

/// The client's key for its request.
///
/// # Errors
/// 400 when it is empty, too long, or no ASCII text.
pub fn idempotency_key(headers: &HeaderMap) -> Answer<Option<&str>> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=LONGEST_KEY).contains(&text.len()));
    text.map(Some).ok_or_else(|| {
        let message = told!(
            "it is not 1 to {LONGEST_KEY} ASCII characters",
            "1 から {LONGEST_KEY} 文字の ASCII 文字で指定してください"
        );
        Problem::bad_request("Idempotency-Key", message)
    })
}
