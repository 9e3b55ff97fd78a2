//! Query strings.

use std::error::Error as _;

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::de::DeserializeOwned;

use super::culprit;
use crate::http::problem::{Answer, Problem};

/// A query of a known shape. Unknown parameters are refused where `T` denies them.
#[derive(Debug)]
pub struct QueryParams<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        let Query(params) = Query::try_from_uri(&parts.uri).map_err(|error| {
            let message = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            Problem::bad_request(named(&message), message.clone())
        })?;
        Ok(Self(params))
    }
}

/// The parameter in a message of serde: in backticks, or before the colon when its value was refused.
fn named(message: &str) -> &str {
    let path = message.split_once(": ").map(|(path, _)| path).filter(|path| !path.contains(' '));
    culprit(message).or(path).unwrap_or("query")
}

/// An instant as RFC 3339 or a day, which means its midnight in UTC.
///
/// # Errors
/// 400 naming the parameter.
pub fn instant(param: &str, text: Option<&str>) -> Answer<Option<DateTime<Utc>>> {
    let Some(text) = text else { return Ok(None) };
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(Some(day.and_time(NaiveTime::MIN).and_utc()));
    }
    // A plus sign that was not encoded arrives as a space.
    match DateTime::parse_from_rfc3339(&text.replace(' ', "+")) {
        Ok(instant) => Ok(Some(instant.to_utc())),
        Err(_) => Err(Problem::bad_request(
            param,
            format!("{text:?} is no instant; write 2026-11-20T09:00:00Z or 2026-11-20"),
        )),
    }
}

/// One of a closed set of words.
///
/// # Errors
/// 400 naming the parameter and the words.
pub fn word<T: Copy>(
    param: &str,
    text: Option<&str>,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Answer<Option<T>> {
    let Some(text) = text else { return Ok(None) };
    if let Some(found) = all.iter().copied().find(|one| name(*one) == text) {
        return Ok(Some(found));
    }
    let words: Vec<&str> = all.iter().map(|one| name(*one)).collect();
    Err(Problem::bad_request(param, format!("{text:?} is none of {}", words.join(", "))))
}

#[cfg(test)]
mod tests {
    use axum::{http::Request, response::IntoResponse as _};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Params {
        limit: Option<u32>,
    }

    async fn refused(query: &str) -> String {
        let (mut parts, ()) = Request::get(format!("/runs?{query}")).body(()).unwrap().into_parts();
        let problem = QueryParams::<Params>::from_request_parts(&mut parts, &()).await.unwrap_err();
        let response = problem.into_response();
        assert_eq!(response.status(), 400);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
        document["errors"][0]["param"].as_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn the_parameter_that_cannot_be_is_named() {
        assert_eq!(refused("colour=red").await, "colour");
        assert_eq!(refused("limit=1&limit=2").await, "limit");
        assert_eq!(refused("limit=many").await, "limit");
    }

    #[tokio::test]
    async fn a_good_query_is_read() {
        let (mut parts, ()) = Request::get("/runs?limit=7").body(()).unwrap().into_parts();
        let QueryParams(params) = QueryParams::<Params>::from_request_parts(&mut parts, &()).await.unwrap();
        assert_eq!(params.limit, Some(7));
    }

    #[test]
    fn instants_are_read_with_any_offset_and_days_as_midnight() {
        let read = |text| instant("since", Some(text)).unwrap().unwrap().to_rfc3339();
        assert_eq!(read("2026-11-20T18:00:00 09:00"), "2026-11-20T09:00:00+00:00");
        assert_eq!(read("2026-11-20"), "2026-11-20T00:00:00+00:00");
        for wrong in ["yesterday", ""] {
            assert!(instant("since", Some(wrong)).is_err(), "{wrong:?}");
        }
        assert_eq!(instant("since", None).unwrap(), None);
    }
}
