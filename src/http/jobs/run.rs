//! `POST /jobs/{job}/run`: a run by hand.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderName},
    response::Response,
};
use utoipa::IntoParams;

use super::{JobInPath, JobsState, body::judge, described::RunBody, request::RunRequest};
use crate::{
    http::{
        auth::Operator,
        extract::{Body, NoParams},
        prefer::{self, Prefer},
        problem::{Answer, Problem},
        runs::{self, RunJson},
    },
    jobs::{Idempotency, Trigger, Triggered},
    told,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header, as it is described.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only its shape matters")]
pub struct KeyInHeader {
    /// A key of your own for this request: repeated with the same body it makes nothing anew, and gives what the first
    /// request made, as it now stands.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]([ -~]*[!-~])?$",
        nullable = false
    )]
    idempotency_key: Option<String>,
}

const LONGEST_KEY: usize = 255;

/// Runs a job by hand
///
/// With an `Idempotency-Key` a repeated request gives the run of the first one, as it now stands. A job whose overlap is
/// `skip` is refused with 409 while a run of it is active.
#[utoipa::path(
    post,
    path = "/jobs/{job}/run",
    operation_id = "runJob",
    tag = "jobs",
    params(JobInPath, Prefer, KeyInHeader),
    request_body(content = Option<RunBody>, description = "What to run; without a body what is missing or new"),
    responses(
        (status = 200, description = "The finished run, when it ended within `Prefer: wait`", body = RunJson,
            headers(("Location", description = "Where the run is found."), ("Preference-Applied", description = "The wait."))),
        (status = 202, description = "The run, which goes on", body = RunJson,
            headers(("Location", description = "Where the run is found."))),
        (status = 404, description = "There is no such job."),
        (status = 409),
        (status = 422)
    )
)]
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
    judge(&registered, &request.params, state.clock.now(), std::mem::take(&mut request.wrong)).await?;
    let request_hash = request.hash(&job);
    let idempotency = key.map(|key| Idempotency { key, request_hash: &request_hash });
    let by = Some(&actor);
    let triggers = state.triggers.awaited(prefer::wait(&headers).is_some());
    let made = triggers.run(&job, Trigger::Manual, &request.params, &request.note, idempotency, by).await;
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
