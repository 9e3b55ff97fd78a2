//! Page or JSON: by what the client accepts.

use axum::{
    Json,
    http::{HeaderMap, header},
    response::{Html, IntoResponse as _, Response},
};
use maud::Markup;
use serde::Serialize;

/// Whether the client names `text/html`, and prefers it to JSON. A client that takes anything gets JSON.
#[must_use]
pub fn wants_html(headers: &HeaderMap) -> bool {
    let html = quality(headers, "text/html");
    html > 0.0 && html >= quality(headers, "application/json")
}

/// The weight of a media type that is named as such (RFC 9110, 12.5.1); 0 when it is not.
pub fn quality(headers: &HeaderMap, wanted: &str) -> f32 {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let weights = values.flat_map(|value| value.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next()?.eq_ignore_ascii_case(wanted);
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
        if named { weight } else { None }
    });
    weights.fold(0.0, f32::max)
}

/// Answers with the one or the other, and says that it depends.
pub fn negotiate<T, J: Serialize>(
    headers: &HeaderMap,
    data: T,
    page: impl FnOnce(T) -> Markup,
    json: impl FnOnce(T) -> J,
) -> Response {
    let answer = if wants_html(headers) {
        Html(page(data).into_string()).into_response()
    } else {
        Json(json(data)).into_response()
    };
    ([(header::VARY, "Accept")], answer).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_names_html_gets_html() {
        for (accept, html) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("text/html", true),
            ("TEXT/HTML;level=1", true),
            ("*/*", false),
            ("application/json", false),
            ("application/json, text/html;q=0.5", false),
            ("text/html;q=0", false),
            ("text/*", false),
            ("", false),
        ] {
            let headers = [(header::ACCEPT, accept.parse().unwrap())].into_iter().collect();
            assert_eq!(wants_html(&headers), html, "{accept}");
        }
        assert!(!wants_html(&HeaderMap::new()));
    }
}
