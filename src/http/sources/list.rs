//! `GET /sources` and `GET /sources/{source}`.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;

use super::{SourcesState, wire::SourceJson};
use crate::http::{
    auth::Reader,
    extract::{NoParams, QueryParams},
    page,
    paging::{Page, cursor, limit, name},
    problem::Answer,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    limit: Option<String>,
    /// The name of the last source of the page before.
    cursor: Option<String>,
}

pub async fn list(
    _: Reader,
    State(state): State<SourcesState>,
    QueryParams(params): QueryParams<Params>,
    headers: HeaderMap,
) -> Answer<Response> {
    let limit = limit(params.limit.as_deref())?;
    let after = cursor(params.cursor.as_deref(), name)?;
    let now = state.clock.now();
    let mut sources = state.all().await?;
    sources.retain(|source| after.as_deref().is_none_or(|after| source.entry.name > after));
    let sources = Page::cut(sources, limit, |source| source.entry.name.to_owned());
    Ok(page::negotiate(
        &headers,
        sources,
        |sources| page::sources(&sources, now),
        |sources| sources.map(SourceJson::from),
    ))
}

pub async fn one(
    _: Reader,
    State(state): State<SourcesState>,
    Path(source): Path<String>,
    _: NoParams,
) -> Answer<Json<SourceJson>> {
    Ok(Json(state.find(&source).await?.into()))
}
