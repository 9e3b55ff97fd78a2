//! JSON bodies.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::{MAX_BODY, culprit, too_large};
use crate::http::problem::{Answer, Problem};

/// A JSON body of a known shape. Unknown members are refused where `T` denies them.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

/// The raw body of a request that sends JSON; empty when it sends nothing.
#[derive(Debug)]
pub struct Body(pub Bytes);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Answer<Self> {
        let Body(bytes) = Body::from_request(request, state).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| rejection(&error))
    }
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Answer<Self> {
        let json = is_json(request.headers());
        let bytes = Bytes::from_request(request, state).await.map_err(|error| unread(&error))?;
        if json || bytes.is_empty() {
            return Ok(Self(bytes));
        }
        Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send the body as \"Content-Type: application/json\""))
    }
}

/// Text that is no JSON is 400 with its position, JSON of another shape 422 with the member.
pub fn rejection(error: &serde_json::Error) -> Problem {
    if error.classify() == Category::Data {
        let message = error.to_string();
        let param = culprit(&message).unwrap_or("body").to_owned();
        return Problem::unprocessable(vec![(param, message)]);
    }
    Problem::bad_request("body", format!("this is no JSON: {error}"))
}

fn unread(error: &BytesRejection) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(MAX_BODY),
        _ => Problem::bad_request("body", "it could not be read to its end"),
    }
}

/// Only browsers' forms and careless clients send another type; none at all is taken for JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else { return true };
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Company {
        #[expect(dead_code, reason = "only its shape matters")]
        code: String,
    }

    async fn status(kind: &str, body: &str) -> (u16, String) {
        let request = Request::post("/").header("content-type", kind).body(body.to_owned().into()).unwrap();
        let Err(problem) = JsonBody::<Company>::from_request(request, &()).await else { return (200, String::new()) };
        let response = problem.into_response();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn each_kind_of_bad_body_has_its_status() {
        assert_eq!(status("application/json; charset=utf-8", r#"{"code":"7203"}"#).await.0, 200);
        let (code, text) = status("application/json", r#"{"code":"#).await;
        assert!(code == 400 && text.contains("line 1 column 8"), "{text}");
        let (code, text) = status("application/json", r#"{"code":"7203","colour":1}"#).await;
        assert!(code == 422 && text.contains(r#""param":"colour""#), "{text}");
        let (code, text) = status("application/json", "{}").await;
        assert!(code == 422 && text.contains(r#""param":"code""#), "{text}");
        assert_eq!(status("text/plain", r#"{"code":"7203"}"#).await.0, 415);
    }
}
