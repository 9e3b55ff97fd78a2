//! `GET /stockprices/ma/{stockCode}`: a company's moving averages, by type and then by date.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;

use super::{
    StockApi,
    caching::Tag,
    code::{self, CodeInPath},
    days::{days, today},
    format::Format,
    head::Head,
    reply::{self, Names},
    wire,
};
use crate::{
    http::{Answer, Problem, QueryParams, Reader},
    stock::{
        companies_csv::fields::shown,
        store::{
            series,
            serving::{self, KeptAverage},
        },
    },
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Query {
    ma_types: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
    format: Option<String>,
}

/// The averages
#[utoipa::path(get, path = "/stockprices/ma/{stockCode}", operation_id = "getAverages", tag = "prices", params(CodeInPath), responses((status = 200, description = "The averages")))]
pub(super) async fn averages(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    CodeInPath(code): CodeInPath,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let (connection, now) = (api.database.connection(), api.clock.now());
    let format = Format::of(query.format.as_deref(), &headers)?;
    let company = code::company(connection, &code).await?;
    let days = days(query.start_date.as_deref(), query.end_date.as_deref(), today(&company, now))?;
    let wanted = wanted(serving::kept_averages(connection).await?, query.ma_types.as_deref())?;
    let series = series::find(connection, &company.company_id).await?;
    let tag = Tag::of([format.as_str(), &format!("{company:?} {series:?} {days:?} {wanted:?}")]);
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let averages = serving::averages(connection, &company.company_id, days, &wanted).await?;
    let sources = serving::sources(connection, &company.company_id, days).await?;
    let head = Head::new(now, &company, &series, &sources, &api.samples);
    let names = Names { member: "data", file: &format!("ma-{code}") };
    let response = reply::table(format, &tag, &names, &head, wire::average_rows(averages))?;
    Ok(reply::with_provenance(response, head.source.as_deref(), head.licence_note.as_deref()))
}

/// Those of the kept ones that `maTypes` names, each once, in the order of `kept`; all without it.
fn wanted(kept: Vec<KeptAverage>, ma_types: Option<&str>) -> Answer<Vec<KeptAverage>> {
    let Some(ma_types) = ma_types else { return Ok(kept) };
    let named: Vec<&str> = ma_types.split(',').map(str::trim).collect();
    if let Some(unknown) = named.iter().find(|name| !kept.iter().any(|average| average.ma_type == **name)) {
        let names: Vec<_> = kept.iter().map(|average| average.ma_type.as_str()).collect();
        let there = if names.is_empty() { "none, before the first run".to_owned() } else { names.join(", ") };
        let message = format!("{} is no moving average that is kept; there are {there}", shown(unknown));
        return Err(Problem::bad_request("maTypes", message));
    }
    Ok(kept.into_iter().filter(|average| named.contains(&average.ma_type.as_str())).collect())
}
