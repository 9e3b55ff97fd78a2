//! Lists of rows as answers, in the format asked for.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue},
    response::Response,
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::{
    caching::Tag,
    format::Format,
    rows::{self, Row},
};
use crate::http::{
    paging::Page,
    problem::{Answer, Problem},
};

/// The table's name in the JSON document, and what a file of it is called, without an extension.
pub struct Names<'a> {
    pub member: &'a str,
    pub file: &'a str,
}

/// The head and the rows in the format asked for, tagged.
///
/// # Errors
/// 400 in a format that only series have; when `head` cannot be written.
pub fn table<R: Row>(
    format: Format,
    tag: &Tag,
    names: &Names<'_>,
    head: &impl Serialize,
    rows: impl Iterator<Item = R> + Send + 'static,
) -> Answer<Response> {
    let body = match format {
        Format::Json => rows::json(head, names.member, rows).map_err(Problem::internal)?,
        Format::Csv => rows::csv(rows),
        Format::Ndjson => rows::ndjson(rows),
        Format::Parquet | Format::Arrow => return Err(format.no_list()),
    };
    Ok(tag.mark(format.answer(names.file, body)))
}

/// An instant as tables have it: RFC 3339, UTC, milliseconds.
#[must_use]
pub fn instant(now: DateTime<Utc>) -> String {
    now.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// One page of a list, newest first: `{"items":[…],"nextCursor":…}`, or rows alone with the
/// cursor as the header `next-cursor`. Its tag is that of its content.
///
/// # Errors
/// When a row cannot be written.
pub fn page<R: Row>(format: Format, headers: &HeaderMap, file: &str, page: Page<R>) -> Answer<Response> {
    let tag = Tag::of([format.as_str(), &serde_json::to_string(&page).map_err(Problem::internal)?]);
    if let Some(known) = tag.not_modified(headers) {
        return Ok(known);
    }
    tagged_page(format, &tag, file, page)
}

/// The same under a tag that is known without the rows.
///
/// # Errors
/// When a row cannot be written.
pub fn tagged_page<R: Row>(format: Format, tag: &Tag, file: &str, page: Page<R>) -> Answer<Response> {
    let head = NextCursor { next_cursor: page.next_cursor };
    let response = table(format, tag, &Names { member: "items", file }, &head, page.items.into_iter())?;
    Ok(with_cursor(response, head.next_cursor.as_deref()))
}

/// Tells readers of rows alone, which have no place for it, where the next page begins.
#[must_use]
pub fn with_cursor(mut response: Response, next: Option<&str>) -> Response {
    if let Some(cursor) = next.and_then(|cursor| HeaderValue::try_from(cursor).ok()) {
        response.headers_mut().insert(HeaderName::from_static("next-cursor"), cursor);
    }
    response
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NextCursor {
    next_cursor: Option<String>,
}

/// Tells readers of rows alone, which have no place for it, where the rows come from and what they may be used for.
#[must_use]
pub fn with_provenance(mut response: Response, source: Option<&str>, licence_note: Option<&str>) -> Response {
    for (name, text) in [("data-source", source), ("data-licence-note", licence_note)] {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(text).ok()) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
