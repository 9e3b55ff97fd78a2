//! JSON bodies.

use std::fmt;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapDeserializer},
};
use serde_json::{Map, Value, error::Category};

use super::{
    MAX_BODY,
    fault::{Fault, Place},
    too_large,
    values::Member,
};
use crate::{
    http::problem::{Answer, Problem},
    told,
    told::Told,
};

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
        json(&bytes).map(Self)
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
        let message = told!(
            "send the body as \"Content-Type: application/json\"",
            "本文は \"Content-Type: application/json\" として送ってください"
        );
        Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
    }
}

/// A JSON object of a known shape.
///
/// # Errors
/// 400 with its position for text that is no JSON; 422 for JSON of another shape, naming the member.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    let members = json_object(bytes)?.into_iter().map(|(name, value)| (name.clone(), Member { name, value }));
    T::deserialize(MapDeserializer::new(members)).map_err(|fault: Fault| fault.problem(Place::Body))
}

/// The members of a JSON object, each of which stands in it once.
///
/// # Errors
/// 400 with its position for text that is no JSON; 422 when it is no object or has a member twice.
pub fn json_object(bytes: &[u8]) -> Answer<Map<String, Value>> {
    let Members { members, twice } = serde_json::from_slice(bytes).map_err(|error| no_object(&error))?;
    match twice {
        Some(name) => Err(Fault::twice(&name).problem(Place::Body)),
        None => Ok(members),
    }
}

/// An object, and the first name that stands in it twice, which serde would take for its last value.
struct Members {
    members: Map<String, Value>,
    twice: Option<String>,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
        let (mut members, mut twice) = (Map::new(), None);
        while let Some((name, value)) = access.next_entry::<String, Value>()? {
            if members.insert(name.clone(), value).is_some() {
                twice.get_or_insert(name);
            }
        }
        Ok(Members { members, twice })
    }
}

fn no_object(error: &serde_json::Error) -> Problem {
    if error.classify() == Category::Data {
        let message = told!("the body is no JSON object", "本文が JSON のオブジェクトではありません");
        return Problem::unprocessable(vec![("body".to_owned(), message)]);
    }
    let (line, column) = (error.line(), error.column());
    let japanese = format!("本文を JSON として読めません。{line} 行目の {column} 文字目のあたりを確認してください");
    Problem::bad_request("body", Told::new(format!("this is no JSON: {error}"), japanese))
}

fn unread(error: &BytesRejection) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(MAX_BODY),
        _ => cut_off(),
    }
}

/// 400: the body ended before it was whole.
pub fn cut_off() -> Problem {
    let message =
        told!("it could not be read to its end", "本文を最後まで受け取れませんでした。もう一度送ってください");
    Problem::bad_request("body", message)
}

/// Only browsers' forms and careless clients send another type; none at all is taken for JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else { return true };
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::Language;
    use axum::response::IntoResponse as _;

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
        assert_eq!(status("application/json", "[]").await.0, 422);
        assert_eq!(status("application/json", r#"{"code":"7203"} {}"#).await.0, 400);
    }

    #[test]
    fn what_is_wrong_with_a_member_is_told_without_its_place_in_both_languages() {
        for (body, english, japanese) in [
            ("{}", "code is missing", "code がありません。必ず指定してください"),
            (
                r#"{"colour":1}"#,
                "colour is no member here; there are code",
                "colour という項目はありません。使える項目は code です",
            ),
            (
                r#"{"code":"1","code":"2"}"#,
                "code is given twice; once is right",
                "code が 2 回指定されています。1 回だけにしてください",
            ),
            (r#"{"code":7203}"#, "code: 7203 is not a text", "code: 7203 は使えません。文字列を指定してください"),
            (r#"{"code":[1]}"#, "code: […] is not a text", "code: […] は使えません。文字列を指定してください"),
            ("7", "body: the body is no JSON object", "body: 本文が JSON のオブジェクトではありません"),
            (
                "{",
                "body: this is no JSON: EOF while parsing an object at line 1 column 1",
                "body: 本文を JSON として読めません。1 行目の 1 文字目のあたりを確認してください",
            ),
        ] {
            let problem = json::<Company>(body.as_bytes()).unwrap_err();
            assert_eq!(problem.told_in(Language::English), english);
            assert_eq!(problem.told_in(Language::Japanese), japanese);
        }
    }
}
