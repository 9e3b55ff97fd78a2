//! What a request may take: size of its body, time.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::Response,
};

use crate::{
    http::{
        extract::{MAX_BODY, MAX_UPLOAD, too_large},
        prefer,
        problem::{Answer, Problem},
    },
    told,
};

/// For a file over a slow line, and its reading.
pub const UPLOAD_TIME: Duration = Duration::from_mins(10);

/// Refuses what is announced too large before anything of it is read.
pub async fn size(request: Request, next: Next) -> Answer<Response> {
    sized(request, next, MAX_BODY).await
}

/// The same for a request that brings a file, which counts what arrives itself.
pub async fn upload_size(request: Request, next: Next) -> Answer<Response> {
    sized(request, next, MAX_UPLOAD).await
}

async fn sized(request: Request, next: Next, most: usize) -> Answer<Response> {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > most as u64) {
        return Err(too_large(most));
    }
    Ok(next.run(request).await)
}

/// Ends what takes too long. A request that asked to wait gets its wait on top; a stream is answered by its head.
///
/// 503 and not 504: nothing stands between the client and the one who was too slow, and 503 is what comes with
/// `Retry-After` and is tried again by clients that try again at all.
pub async fn time(State(time): State<Duration>, request: Request, next: Next) -> Answer<Response> {
    let allowed = time + prefer::wait(request.headers()).unwrap_or_default();
    match tokio::time::timeout(allowed, next.run(request)).await {
        Ok(response) => Ok(response),
        Err(_) => {
            tracing::warn!(allowed_ms = allowed.as_millis(), "a request took too long and was dropped");
            let seconds = allowed.as_secs();
            Err(Problem::unavailable(told!("no answer within {seconds} s", "{seconds} 秒以内に応答できませんでした")))
        }
    }
}
