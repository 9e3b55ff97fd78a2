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
    http::{Answer, Page, Problem, QueryParams, Reader, cursor, limit, openapi::schema::ListFormat},
    stock::{bar::CompanyId, company::Company, store},
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// As many companies at most, 1 to 500. Without it all there are.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500, example = 100)]
    limit: Option<String>,
    /// `nextCursor` of the page before. Without it the first page.
    #[param(example = "0100")]
    cursor: Option<String>,
    #[param(value_type = Option<ListFormat>, inline)]
    format: Option<String>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OneQuery {
    #[param(value_type = Option<ListFormat>, inline)]
    format: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    timestamp: String,
    /// Told to those who asked for a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<Option<String>>,
}

/// As it is written; for the description only.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CompaniesDocument {
    /// When this was answered.
    #[schema(format = DateTime, example = "2026-11-20T09:00:00.000Z")]
    timestamp: String,
    /// Where the next page begins; null: this was the last. Only when `limit` was given.
    #[schema(required = false)]
    next_cursor: Option<String>,
    companies: Vec<CompanyRow>,
}

/// Where a list goes on, and for how long.
pub(super) struct Paging {
    pub after: Option<CompanyId>,
    pub limit: Option<u32>,
}

impl Paging {
    /// # Errors
    /// 400 naming `limit` or `cursor`.
    pub(super) fn read(limit_text: Option<&str>, cursor_text: Option<&str>) -> Answer<Self> {
        let limit = limit_text.map(|text| limit(Some(text))).transpose()?;
        Ok(Self { after: cursor(cursor_text, |text| CompanyId::parse(text).ok())?, limit })
    }

    /// One more than asked for, which tells whether there is more.
    pub(super) fn most(&self) -> Option<u32> {
        self.limit.map(|limit| limit + 1)
    }

    pub(super) fn cut(&self, companies: Vec<Company>) -> Page<Company> {
        match self.limit {
            Some(limit) => Page::cut(companies, limit, |company| company.company_id.to_string()),
            None => Page { items: companies, next_cursor: None },
        }
    }
}

/// The companies, by their ids.
///
/// Those no longer watched are listed too: their bars stay.
#[utoipa::path(
    get,
    path = "/companies",
    tag = "companies",
    operation_id = "listCompanies",
    params(ListQuery),
    responses(
        (status = 200, description = "The companies", body = CompaniesDocument, headers(("next-cursor" = String, description = "Where the next page begins, where there is one"))),
        (status = 304, description = "As the `ETag` sent: nothing has changed"),
    )
)]
pub(super) async fn list(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    QueryParams(query): QueryParams<ListQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of_list(query.format.as_deref(), &headers)?;
    let paging = Paging::read(query.limit.as_deref(), query.cursor.as_deref())?;
    let found = store::companies::after(api.database.connection(), paging.after.as_ref(), paging.most()).await?;
    answer_page(&api, format, &headers, &paging, found)
}

/// One company.
#[utoipa::path(
    get,
    path = "/companies/{stockCode}",
    tag = "companies",
    operation_id = "oneCompany",
    params(CodeInPath, OneQuery),
    responses(
        (status = 200, description = "The company, as a list of one", body = CompaniesDocument),
        (status = 304, description = "As the `ETag` sent: nothing has changed"),
        (status = 404, description = "No company has this stock code"),
    )
)]
pub(super) async fn one(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    CodeInPath(code): CodeInPath,
    QueryParams(query): QueryParams<OneQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of_list(query.format.as_deref(), &headers)?;
    let company = code::company(api.database.connection(), &code).await?;
    answer(&api, format, &headers, &format!("company-{code}"), vec![company])
}

/// All of these companies.
pub(super) fn answer(
    api: &StockApi,
    format: Format,
    headers: &HeaderMap,
    file: &str,
    companies: Vec<Company>,
) -> Answer<Response> {
    table(api, format, headers, file, companies, None)
}

/// The page of what was found with a limit of [`Paging::most`].
pub(super) fn answer_page(
    api: &StockApi,
    format: Format,
    headers: &HeaderMap,
    paging: &Paging,
    found: Vec<Company>,
) -> Answer<Response> {
    let page = paging.cut(found);
    let next = paging.limit.map(|_| page.next_cursor.clone());
    let response = table(api, format, headers, "companies", page.items, next)?;
    Ok(reply::with_cursor(response, page.next_cursor.as_deref()))
}

/// The tag is that of the content: a table of companies is short enough to be read to know it.
fn table(
    api: &StockApi,
    format: Format,
    headers: &HeaderMap,
    file: &str,
    companies: Vec<Company>,
    next_cursor: Option<Option<String>>,
) -> Answer<Response> {
    let rows: Vec<_> = companies.into_iter().map(|company| CompanyRow::new(company, &api.samples)).collect();
    let content = serde_json::to_string(&(&rows, &next_cursor)).map_err(Problem::internal)?;
    let tag = Tag::of([format.as_str(), &content]);
    if let Some(known) = tag.not_modified(headers) {
        return Ok(known);
    }
    let head = Head { timestamp: wire::instant(api.clock.now()), next_cursor };
    reply::table(format, &tag, &Names { member: "companies", file }, &head, rows.into_iter())
}
