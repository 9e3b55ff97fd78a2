//! `GET /openapi.json`: the document, as the binary knows it.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use utoipa::openapi::OpenApi;
use utoipa_axum::routes;

use super::{assets::Assets, page, text};
use crate::http::{
    auth::Reader,
    problem::Answer,
    routes::{FORMER_PREFIX, Routes},
    table::Tag,
};

/// The document as it is sent, and the page that shows it.
#[derive(Clone)]
pub struct Document(Arc<Inner>);

struct Inner {
    text: String,
    tag: Tag,
    assets: Assets,
}

impl Document {
    pub fn new(api: &OpenApi) -> Self {
        let text = text(api).unwrap_or_else(|error| {
            tracing::error!(%error, "the description of the API could not be written");
            String::new()
        });
        let tag = Tag::of(["openapi", &text]);
        Self(Arc::new(Inner { text, tag, assets: Assets::bundled() }))
    }

    pub fn assets(&self) -> &Assets {
        &self.0.assets
    }
}

pub fn routes() -> Routes<Document> {
    Routes::new()
        .tag("description", "This description.")
        .api(routes!(openapi))
        .undescribed(&["GET"], "/api/v1/openapi.json", get(openapi))
        .undescribed(&["GET"], &format!("{FORMER_PREFIX}/openapi.json"), get(openapi))
        .page("/docs", page::docs)
        .page("/docs/{version}/{file}", page::asset)
}

/// This description
///
/// OpenAPI 3.1, as `datainfra openapi` prints it; also under `/api/v1/openapi.json`, and as a page to try it under
/// `/docs`.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "getOpenApi",
    tag = "description",
    responses((status = 200, description = "The document", body = serde_json::Value), (status = 304))
)]
pub async fn openapi(_: Reader, State(document): State<Document>, headers: HeaderMap) -> Answer<Response> {
    let Inner { text, tag, .. } = &*document.0;
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    Ok(tag.mark(([(header::CONTENT_TYPE, "application/json")], text.clone()).into_response()))
}
