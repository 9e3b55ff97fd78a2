//! `GET /companies` and `GET /companies/{stockCode}`. Companies no longer watched are listed too: their bars stay.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::{Deserialize, Serialize};

use super::{
    StockApi,
    caching::Tag,
    code::{self, CodeInPath},
    format::Format,
    reply::{self, Names},
    wire::{self, CompanyRow},
};
use crate::{
    http::{Answer, Problem, QueryParams, Reader},
    stock::{company::Company, store},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    format: Option<String>,
}

#[derive(Serialize)]
struct Head {
    timestamp: String,
}

/// The companies
#[utoipa::path(get, path = "/companies", operation_id = "listCompanies", tag = "companies", responses((status = 200, description = "The companies")))]
pub(super) async fn list(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of(query.format.as_deref(), &headers)?;
    let companies = store::companies::list(api.database.connection()).await?;
    answer(&api, format, &headers, "companies", companies)
}

/// The company
#[utoipa::path(get, path = "/companies/{stockCode}", operation_id = "getCompany", tag = "companies", params(CodeInPath), responses((status = 200, description = "The company")))]
pub(super) async fn one(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    CodeInPath(code): CodeInPath,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of(query.format.as_deref(), &headers)?;
    let company = code::company(api.database.connection(), &code).await?;
    answer(&api, format, &headers, &format!("company-{code}"), vec![company])
}

/// The tag is that of the content: a table of companies is short enough to be read to know it.
pub(super) fn answer(
    api: &StockApi,
    format: Format,
    headers: &HeaderMap,
    file: &str,
    companies: Vec<Company>,
) -> Answer<Response> {
    let rows: Vec<_> = companies.into_iter().map(|company| CompanyRow::new(company, &api.samples)).collect();
    let tag = Tag::of([format.as_str(), &serde_json::to_string(&rows).map_err(Problem::internal)?]);
    if let Some(known) = tag.not_modified(headers) {
        return Ok(known);
    }
    let head = Head { timestamp: wire::instant(api.clock.now()) };
    reply::table(format, &tag, &Names { member: "companies", file }, &head, rows.into_iter())
}
