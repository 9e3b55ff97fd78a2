//! `GET /docs`: a page to read the description and to try it. Everything it shows comes from here.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{Html, IntoResponse as _, Response},
};
use maud::html;

use super::{
    Document,
    assets::{Asset, Packed},
};
use crate::{
    http::{
        auth::Reader,
        page::frame,
        problem::{Answer, Problem},
    },
    told,
    told::Language,
};

/// Other pages have no scripts at all. This one has its own, which asks this daemon only.
const POLICY: (HeaderName, HeaderValue) = (
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
);
/// The address of a file has its version in it.
const FOR_EVER: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));

pub async fn docs(_: Reader, State(document): State<Document>) -> Response {
    let address = |name| document.assets().address(name);
    let head = html! {
        link rel="stylesheet" href=(address("swagger-ui.css"));
        script src=(address("swagger-ui-bundle.js")) {}
        script src=(address("init.js")) {}
    };
    let body = html! { div id="docs" { noscript { "The description is at " a href="/openapi.json" { "/openapi.json" } "." } } };
    let page = frame(Language::English, "API", head, body);
    ([POLICY], Html(page.into_string())).into_response()
}

pub async fn asset(
    _: Reader,
    State(document): State<Document>,
    Path((version, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer<Response> {
    let found = document.assets().find(&version, &file);
    let Asset { kind, content } = found.ok_or_else(|| {
        Problem::not_found(told!("this page has no such file", "このページにそのようなファイルはありません"))
    })?;
    let marks = [FOR_EVER, (header::VARY, HeaderValue::from_static("accept-encoding"))];
    let kind = [(header::CONTENT_TYPE, *kind)];
    Ok(match content {
        Packed::Gzip(bytes) if takes_gzip(&headers) => {
            (marks, kind, [(header::CONTENT_ENCODING, "gzip")], bytes.clone()).into_response()
        }
        content => (marks, kind, content.unpacked().map_err(Problem::internal)?).into_response(),
    })
}

/// Whether it is named and not refused. A client that names nothing gets the file as it is.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        named && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}
