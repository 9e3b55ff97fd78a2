//! The last hand on every answer: a failure always leaves as a problem, with the request's id in it.

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::Problem;
use crate::{
    told,
    told::{Language, Told},
};

/// The longest reason taken over from a failure that is no problem yet.
const LONGEST_REASON: usize = 4096;

/// Completes a failed answer; leaves every other one alone.
pub async fn finish(response: Response, request_id: &str, html: bool, language: Language) -> Response {
    let response = adopt(response).await;
    let Some(problem) = response.extensions().get::<Problem>() else { return response };
    let mut complete = problem.response(Some(request_id), html, language);
    // The problem has said already what it depends on, and others may have added to it.
    complete.headers_mut().remove(header::VARY);
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(complete.headers().clone());
    Response::from_parts(parts, complete.into_body())
}

/// Turns a failure in plain words, such as a rejection of axum's, into a problem.
async fn adopt(response: Response) -> Response {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if !failed || response.extensions().get::<Problem>().is_some() || !plain(response.headers()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let reason = reason(body).await;
    let problem = if parts.status == StatusCode::INTERNAL_SERVER_ERROR {
        Problem::internal(reason)
    } else if parts.status == StatusCode::BAD_REQUEST {
        // Queries and bodies are read by our own extractors, which name what is wrong.
        Problem::bad_request("path", reason)
    } else {
        Problem::new(parts.status, reason)
    };
    let mut adopted = problem.into_response();
    for (name, value) in &parts.headers {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            adopted.headers_mut().append(name.clone(), value.clone());
        }
    }
    adopted
}

fn plain(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

/// Frameworks say it in English only.
async fn reason(body: Body) -> Told {
    let bytes = to_bytes(body, LONGEST_REASON).await.unwrap_or_default();
    match String::from_utf8_lossy(&bytes).trim() {
        "" => told!("the request could not be answered", "リクエストに応答できませんでした"),
        text => Told::new(text, format!("リクエストを処理できませんでした（{text}）")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(response: Response) -> String {
        String::from_utf8(to_bytes(response.into_body(), 10_000).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_problem_gets_the_request_id() {
        let response = finish(
            Problem::not_found(told!("no such run", "そのような実行はありません")).into_response(),
            "abc",
            false,
            Language::English,
        )
        .await;
        let document: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
        assert_eq!(document["status"], 404);
        assert_eq!(document["message"], "no such run");
        assert_eq!(document["instance"], "abc");
    }

    #[tokio::test]
    async fn a_browser_gets_the_problem_as_a_page_with_its_text_escaped() {
        let response =
            finish(Problem::not_found(told!("<script>", "<script>")).into_response(), "abc", true, Language::English)
                .await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        let page = text(response).await;
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"), "{page}");
    }

    #[tokio::test]
    async fn a_failure_in_plain_words_becomes_a_problem_and_keeps_its_headers() {
        let plain = (StatusCode::CONFLICT, [(header::ETAG, "\"1\"")], "not like this").into_response();
        let response = finish(plain, "abc", false, Language::English).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[header::ETAG], "\"1\"");
        assert!(text(response).await.contains("not like this"));
    }

    #[tokio::test]
    async fn the_reason_of_an_internal_error_stays_in_the_log() {
        let plain = (StatusCode::INTERNAL_SERVER_ERROR, "table run is missing").into_response();
        assert!(!text(finish(plain, "abc", false, Language::English).await).await.contains("table"));
    }

    #[tokio::test]
    async fn a_successful_answer_is_left_alone() {
        assert_eq!(text(finish("fine".into_response(), "abc", false, Language::English).await).await, "fine");
    }
}
