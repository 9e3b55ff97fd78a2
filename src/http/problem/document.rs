//! A problem written down, as JSON or as a page.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::{Inner, Problem, named};
use crate::{
    http::page::{layout_in, linked},
    told::{Language, Told},
};

impl Problem {
    /// The response; `instance` is the request's id.
    pub(super) fn response(&self, instance: Option<&str>, html: bool, language: Language) -> Response {
        let (kind, body) = if html {
            ("text/html; charset=utf-8", self.0.page(instance, language).into_string())
        } else {
            ("application/problem+json", self.0.json(instance, language).to_string())
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.0.status;
        response.headers_mut().extend(self.0.headers.clone());
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.as_str()));
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, accept-language"));
        response
    }
}

impl IntoResponse for Problem {
    /// The problem also rides along as an extension, for the frame to add what only it knows.
    fn into_response(self) -> Response {
        let mut response = self.response(None, false, Language::default());
        response.extensions_mut().insert(self);
        response
    }
}

impl Inner {
    fn json(&self, instance: Option<&str>, language: Language) -> Value {
        let detail = self.detail.in_language(language);
        let mut document = Map::new();
        document.insert("type".into(), "about:blank".into());
        document.insert("title".into(), title(self.status).into());
        document.insert("status".into(), self.status.as_u16().into());
        document.insert("detail".into(), detail.into());
        document.insert("message".into(), detail.into());
        if let Some(instance) = instance {
            document.insert("instance".into(), instance.into());
        }
        if !self.errors.is_empty() {
            let each = self
                .errors
                .iter()
                .map(|error| json!({ "param": error.param, "message": error.message.in_language(language) }));
            document.insert("errors".into(), each.collect());
        }
        document.extend(self.members.clone());
        Value::Object(document)
    }

    fn page(&self, instance: Option<&str>, language: Language) -> Markup {
        let title = title_in(language, self.status);
        let request = Told::new("Request", "リクエスト");
        layout_in(
            language,
            title,
            html! {
                h1 { (self.status.as_u16()) " " (title) }
                @if self.errors.is_empty() {
                    p { (linked(self.detail.in_language(language))) }
                } @else {
                    ul { @for error in &self.errors { li { (named(&error.param, error.message.in_language(language))) } } }
                }
                @if let Some(instance) = instance { p.quiet { (request.in_language(language)) " " code { (instance) } } }
            },
        )
    }
}

/// On a page; JSON keeps the registered phrase in every language.
fn title_in(language: Language, status: StatusCode) -> &'static str {
    match (language, status.as_u16()) {
        (Language::English, _) => title(status),
        (Language::Japanese, 400) => "不正なリクエスト",
        (Language::Japanese, 401) => "認証が必要です",
        (Language::Japanese, 403) => "許可されていません",
        (Language::Japanese, 404) => "見つかりません",
        (Language::Japanese, 405) => "許可されていないメソッド",
        (Language::Japanese, 406) => "応じられない形式",
        (Language::Japanese, 408) => "時間切れ",
        (Language::Japanese, 409) => "競合しています",
        (Language::Japanese, 412) => "前提条件が満たされていません",
        (Language::Japanese, 413) => "大きすぎます",
        (Language::Japanese, 415) => "対応していない形式",
        (Language::Japanese, 422) => "処理できない内容",
        (Language::Japanese, 429) => "リクエストが多すぎます",
        (Language::Japanese, 500) => "内部エラー",
        (Language::Japanese, 503) => "一時的に利用できません",
        (Language::Japanese, _) => "エラー",
    }
}

fn title(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}
