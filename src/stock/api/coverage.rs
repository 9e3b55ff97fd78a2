//! `GET /coverage` and `GET /coverage/{stockCode}`: which sessions of each company are there, and which are not.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    StockApi,
    caching::Tag,
    code::{self, CodeInPath},
    coverage_report::{Report, reports},
    coverage_wire::{CoverageJson, CoverageLine},
    format::Format,
    reply, schema, wire,
};
use crate::{
    http::{
        Answer, Page, Problem, QueryParams, Reader, cursor, limit,
        openapi::schema::{Limit, ListFormat},
    },
    stock::{
        bar::{CompanyId, StockCode},
        calendar::Calendars,
        company::Company,
        store::{
            coverage::{CompanyKey, companies_after},
            market_days, series,
        },
    },
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Of the company with this stock code; 404 when there is none.
    #[param(value_type = Option<StockCode>, inline)]
    stock_code: Option<String>,
    #[param(value_type = Option<Limit>, inline)]
    limit: Option<String>,
    /// The key of the last company of the page before.
    #[param(value_type = Option<CoverageCursor>, inline)]
    cursor: Option<String>,
    #[param(value_type = Option<ListFormat>, inline)]
    format: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OneQuery {
    #[param(value_type = Option<ListFormat>, inline)]
    format: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CompanyCoverage)]
struct OneHead {
    #[schema(format = DateTime)]
    timestamp: String,
    #[serde(flatten)]
    coverage: CoverageJson,
}

/// Which sessions of each company are there, by stock code
#[utoipa::path(
    get,
    path = "/coverage",
    operation_id = "listCoverage",
    tag = "coverage",
    params(ListQuery),
    responses(
        (status = 200, description = "A page of companies", headers(("Next-Cursor", description = "For CSV: `nextCursor`.")),
            body = Page<CoverageJson>),
        (status = 304),
        (status = 404, description = "There is no such company.")
    )
)]
pub(super) async fn list(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    QueryParams(query): QueryParams<ListQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of_list(query.format.as_deref(), &headers)?;
    let limit = limit(query.limit.as_deref())?;
    let after = cursor(query.cursor.as_deref(), read_key)?;
    let connection = api.database.connection();
    let found = match code::asked_for(connection, query.stock_code.as_deref()).await? {
        Some(company) => vec![company],
        None => companies_after(connection, after.as_ref(), limit + 1).await?,
    };
    let page = Page::cut(found, limit, |company: &Company| format!("{}:{}", company.stock_code, company.company_id));
    let calendars = market_days::calendars(connection).await?;
    let tag = tag(&api, format, &calendars, &page.items, page.next_cursor.as_deref()).await?;
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let reports = reports(connection, &calendars, page.items, api.clock.now()).await?;
    table(format, &tag, "coverage", Page { items: reports, next_cursor: page.next_cursor })
}

/// Which sessions of a company are there, and which are not
#[utoipa::path(
    get,
    path = "/coverage/{stockCode}",
    operation_id = "getCoverage",
    tag = "coverage",
    params(CodeInPath, OneQuery),
    responses(
        (status = 200, description = "The company's sessions", body = OneHead),
        (status = 304),
        (status = 404, description = "There is no such company.")
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
    let connection = api.database.connection();
    let company = code::company(connection, &code).await?;
    let calendars = market_days::calendars(connection).await?;
    let tag = tag(&api, format, &calendars, std::slice::from_ref(&company), None).await?;
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let now = api.clock.now();
    let mut reports = reports(connection, &calendars, vec![company], now).await?;
    let report = match (format, reports.pop()) {
        (Format::Json, Some(report)) => report,
        (_, report) => {
            let page = Page { items: report.into_iter().collect(), next_cursor: None };
            return table(format, &tag, &format!("coverage-{code}"), page);
        }
    };
    let head = OneHead { timestamp: wire::instant(now), coverage: report.into() };
    let body = serde_json::to_value(head).map_err(Problem::internal)?;
    Ok(tag.mark(([(header::CONTENT_TYPE, "application/json")], Json(body)).into_response()))
}

/// Of the companies, their series, the calendars and what is due: all that the reports follow from, so no row is counted to know it.
async fn tag(
    api: &StockApi,
    format: Format,
    calendars: &Calendars,
    companies: &[Company],
    next: Option<&str>,
) -> Answer<Tag> {
    let ids: Vec<&CompanyId> = companies.iter().map(|company| &company.company_id).collect();
    let mut series: Vec<_> = series::of(api.database.connection(), &ids).await?.into_iter().collect();
    series.sort_by(|a, b| a.0.cmp(&b.0));
    let due = calendars.each().map(|calendar| calendar.newest_final_session(api.clock.now()));
    Ok(Tag::of([format.as_str(), &format!("{companies:?} {series:?} {calendars:?} {due:?} {next:?}")]))
}

fn table(format: Format, tag: &Tag, file: &str, page: Page<Report>) -> Answer<Response> {
    match format {
        Format::Csv => reply::tagged_page(format, tag, file, page.map(CoverageLine::from)),
        _ => reply::tagged_page(format, tag, file, page.map(CoverageJson::from)),
    }
}

/// The key of a company, as it is described.
enum CoverageCursor {}

crate::described!(CoverageCursor => schema::text(r"^\^?[A-Za-z0-9.\-]{1,15}:[A-Za-z0-9._\-]{1,16}$", 33, "7203:0003"));

/// `7203:0003`. Neither part can have a colon.
fn read_key(text: &str) -> Option<CompanyKey> {
    let (code, id) = text.split_once(':')?;
    Some(CompanyKey { code: StockCode::parse(code).ok()?, id: CompanyId::parse(id).ok()? })
}
