//! `GET /quarantine` and `GET /quarantine/{id}`.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};

use super::{
    Query,
    path::{RowInPath, unknown},
    wire::QuarantineRow,
};
use crate::{
    http::{Answer, NoParams, Page, Problem, QueryParams, Reader},
    stock::{
        api::{StockApi, caching::Tag, format::Format, reply},
        store::quarantine,
    },
};

/// Rows that were not loaded, newest first
#[utoipa::path(
    get,
    path = "/quarantine",
    operation_id = "listQuarantine",
    tag = "quarantine",
    params(Query),
    responses(
        (status = 200, description = "A page of rows",
            headers(("Next-Cursor", description = "For CSV: `nextCursor`.")),
            body = Page<QuarantineRow>),
        (status = 304),
        (status = 404, description = "There is no such company.")
    )
)]
pub(in crate::stock::api) async fn list(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of_list(query.format.as_deref(), &headers)?;
    let connection = api.database.connection();
    let asked = query.read(connection).await?;
    let rows = quarantine::list(connection, &asked.filter).await?;
    let page = Page::cut(rows, asked.limit, |row| row.id.clone()).map(QuarantineRow::from);
    reply::page(format, &headers, "quarantine", page)
}

/// A row that was not loaded
#[utoipa::path(
    get,
    path = "/quarantine/{id}",
    operation_id = "getQuarantinedRow",
    tag = "quarantine",
    params(RowInPath),
    responses(
        (status = 200, description = "The row", body = QuarantineRow),
        (status = 304),
        (status = 404, description = "There is no such row.")
    )
)]
pub(in crate::stock::api) async fn one(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    RowInPath(id): RowInPath,
    _: NoParams,
    headers: HeaderMap,
) -> Answer<Response> {
    let row = quarantine::find(api.database.connection(), &id).await?.ok_or_else(|| unknown(&id))?;
    let row = QuarantineRow::from(row);
    let tag = Tag::of([serde_json::to_string(&row).map_err(Problem::internal)?.as_str()]);
    Ok(tag.not_modified(&headers).unwrap_or_else(|| tag.mark(Json(row).into_response())))
}
