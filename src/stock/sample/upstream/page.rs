//! What a source answers, before any fault.

use std::collections::HashMap;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::stock::bar::Bar;

/// The parameters of a request.
pub(super) type Parameters = HashMap<String, String>;

pub(super) const JSON: &str = "application/json;charset=utf-8";
pub(super) const HTML: &str = "text/html; charset=UTF-8";
pub(super) const TEXT: &str = "text/plain; charset=UTF-8";
pub(super) const CSV: &str = "text/csv";

#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) content_type: &'static str,
    pub(super) body: String,
    /// What the body says, for the log of requests.
    pub(super) rows: Vec<Bar>,
}

impl Page {
    pub(super) fn ok(content_type: &'static str, body: impl Into<String>) -> Self {
        Self::new(StatusCode::OK, content_type, body)
    }

    pub(super) fn new(status: StatusCode, content_type: &'static str, body: impl Into<String>) -> Self {
        Self { status, content_type, body: body.into(), rows: Vec::new() }
    }

    pub(super) fn with_rows<'a>(self, rows: impl IntoIterator<Item = &'a Bar>) -> Self {
        Self { rows: rows.into_iter().copied().collect(), ..self }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        (self.status, [(header::CONTENT_TYPE, self.content_type)], self.body).into_response()
    }
}
