//! Query strings.

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{
    Deserialize,
    de::{DeserializeOwned, value::MapDeserializer},
};
use url::form_urlencoded;

use super::{
    fault::{Fault, Place},
    values::Text,
    words::none_of,
};
use crate::{
    http::problem::{Answer, Problem},
    settings::shown,
    told,
};

/// A query of a known shape. Unknown parameters are refused where `T` denies them.
#[derive(Debug)]
pub struct QueryParams<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        read(parts.uri.query().unwrap_or_default()).map(Self).map_err(|fault| fault.problem(Place::Query))
    }
}

/// No query at all: a route that takes no parameters refuses those it is given.
#[derive(Clone, Copy, Debug)]
pub struct NoParams;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl<S: Send + Sync> FromRequestParts<S> for NoParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        QueryParams::<Nothing>::from_request_parts(parts, state).await.map(|_| Self)
    }
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T, Fault> {
    let params = form_urlencoded::parse(query.as_bytes());
    T::deserialize(MapDeserializer::new(params.map(|(name, text)| (name.clone(), Text { name, text }))))
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
        Err(_) => {
            let text = shown(text);
            let message = told!(
                "{text} is no instant; write 2026-11-20T09:00:00Z or 2026-11-20",
                "{text} は日時ではありません。2026-11-20T09:00:00Z か 2026-11-20 のように書いてください"
            );
            Err(Problem::bad_request(param, message))
        }
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
    Err(Problem::bad_request(param, none_of(&shown(text), &words)))
}

#[cfg(test)]
mod tests {
    use axum::{http::Request, response::IntoResponse as _};

    use super::*;
    use crate::told::Language;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Params {
        limit: Option<u32>,
        start_date: Option<String>,
        dry: Option<bool>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Needed {
        #[expect(dead_code, reason = "only its absence matters")]
        name: String,
    }

    /// The status, the parameter and the message in both languages.
    fn refused<T: DeserializeOwned + std::fmt::Debug>(query: &str) -> (String, [String; 2]) {
        let problem = read::<T>(query).unwrap_err().problem(Place::Query);
        let told = |language| problem.told_in(language);
        assert_eq!(problem.clone().into_response().status(), 400);
        (problem.params().concat(), [told(Language::English), told(Language::Japanese)])
    }

    #[test]
    fn what_is_wrong_with_a_parameter_is_told_with_its_name_in_both_languages() {
        for (query, param, english, japanese) in [
            (
                "foo=1",
                "foo",
                "foo is no parameter here; there are limit, startDate, dry",
                "foo というパラメーターはありません。使えるのは limit, startDate, dry です",
            ),
            (
                "start_date=1",
                "start_date",
                "start_date is no parameter here; there are limit, startDate, dry",
                "start_date というパラメーターはありません。使えるのは limit, startDate, dry です",
            ),
            (
                "startDate=a&startDate=b",
                "startDate",
                "startDate is given twice; once is right",
                "startDate が 2 回指定されています。1 回だけにしてください",
            ),
            (
                "limit=many",
                "limit",
                "limit: \"many\" is not a whole number of this size",
                "limit: \"many\" は使えません。範囲内の整数を指定してください",
            ),
            (
                "dry=maybe",
                "dry",
                "dry: \"maybe\" is not true or false",
                "dry: \"maybe\" は使えません。true か false を指定してください",
            ),
        ] {
            let told = [english.to_owned(), japanese.to_owned()];
            assert_eq!(refused::<Params>(query), (param.to_owned(), told), "{query}");
        }
        let (param, [english, japanese]) = refused::<Needed>("");
        assert_eq!((&*param, &*english), ("name", "name is missing"));
        assert_eq!(japanese, "name がありません。必ず指定してください");
        assert_eq!(refused::<Nothing>("x=1").1[0], "x is no parameter here; there are none");
    }

    #[test]
    fn names_and_values_are_only_texts_whatever_stands_in_them() {
        let (param, told) = refused::<Params>("%60limit%60,%20expected%20%60x%60=1");
        assert_eq!(param, "`limit`, expected `x`");
        assert!(told[0].ends_with("is no parameter here; there are limit, startDate, dry"), "{told:?}");
        assert!(refused::<Params>("limit=-1").1[0].starts_with("limit: \"-1\""));
        assert!(refused::<Params>("limit=4294967296").1[0].starts_with("limit: "));
    }

    #[tokio::test]
    async fn a_good_query_is_read() {
        let (mut parts, ()) = Request::get("/runs?limit=7&startDate=a%26b+c&dry=true").body(()).unwrap().into_parts();
        let QueryParams(params) = QueryParams::<Params>::from_request_parts(&mut parts, &()).await.unwrap();
        assert_eq!((params.limit, params.start_date.as_deref(), params.dry), (Some(7), Some("a&b c"), Some(true)));
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
