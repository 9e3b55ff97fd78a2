//! `POST /jobs/{job}/run`: a run by hand.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderName},
    response::Response,
};

use super::{JobsState, request::RunRequest};
use crate::{
    http::{
        auth::Operator,
        extract::Body,
        problem::{Answer, Problem},
        runs,
    },
    jobs::{Idempotency, Registered, Trigger, Triggered},
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LONGEST_KEY: usize = 255;

pub async fn run(
    Operator(actor): Operator,
    State(state): State<JobsState>,
    Path(job): Path<String>,
    headers: HeaderMap,
    Body(body): Body,
) -> Answer<Response> {
    let registered = state.find(&job)?;
    let key = idempotency_key(&headers)?;
    let request = judged(&registered, RunRequest::read(&body)?).await?;
    let request_hash = request.hash(&job);
    let idempotency = key.map(|key| Idempotency { key, request_hash: &request_hash });
    let by = Some(&actor);
    let made = state.triggers.run(&job, Trigger::Manual, &request.params, &request.note, idempotency, by).await;
    let (Triggered::New(run) | Triggered::Repeated(run)) = made.map_err(runs::refused)?;
    Ok(state.waiter.accepted(run, &headers).await)
}

/// Adds what the job itself has against the parameters, so that both are told in one answer.
async fn judged(registered: &Registered, mut request: RunRequest) -> Answer<RunRequest> {
    if request.wrong.is_empty() {
        return Ok(request);
    }
    let more = registered.job.check(&request.params).await.map_err(|error| runs::refused(error.into()))?;
    for problem in more {
        if !request.wrong.iter().any(|(member, _)| member == problem.param) {
            request.wrong.push((problem.param.to_owned(), problem.message));
        }
    }
    Err(Problem::unprocessable(request.wrong))
}

/// The client's key for its request.
///
/// # Errors
/// 400 when it is empty, too long, or no ASCII text.
pub fn idempotency_key(headers: &HeaderMap) -> Answer<Option<&str>> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=LONGEST_KEY).contains(&text.len()));
    let wrong = || Problem::bad_request("Idempotency-Key", format!("it is not 1 to {LONGEST_KEY} ASCII characters"));
    text.map(Some).ok_or_else(wrong)
}
