//! `GET /sources` and `GET /sources/{source}`.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{SourceInPath, SourcesState, wire::SourceJson};
use crate::http::{
    auth::Reader,
    extract::{NoParams, QueryParams},
    openapi::schema::{Limit, Name64},
    page,
    paging::{Page, cursor, limit, name},
    problem::Answer,
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    #[param(value_type = Option<Limit>, inline)]
    limit: Option<String>,
    /// The name of the last source of the page before.
    #[param(value_type = Option<Name64>, inline)]
    cursor: Option<String>,
}

/// The sources by name
///
/// Asked for `text/html` it answers as a page.
#[utoipa::path(
    get,
    path = "/sources",
    operation_id = "listSources",
    tag = "sources",
    params(Params),
    responses((
        status = 200,
        description = "A page of sources",
        content((Page<SourceJson> = "application/json"), (String = "text/html"))
    ))
)]
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

/// A source
#[utoipa::path(
    get,
    path = "/sources/{source}",
    operation_id = "getSource",
    tag = "sources",
    params(SourceInPath),
    responses(
        (status = 200, description = "The source", body = SourceJson),
        (status = 404, description = "There is no such source.")
    )
)]
pub async fn one(
    _: Reader,
    State(state): State<SourcesState>,
    Path(source): Path<String>,
    _: NoParams,
) -> Answer<Json<SourceJson>> {
    Ok(Json(state.find(&source).await?.into()))
}
