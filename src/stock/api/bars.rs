//! `GET /stockprices/rawdata/{stockCode}`: a company's bars by date.

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
    wire::BarRow,
};
use crate::{
    http::{Answer, QueryParams, Reader},
    stock::store::{series, serving},
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Query {
    start_date: Option<String>,
    end_date: Option<String>,
    format: Option<String>,
}

pub(super) async fn bars(
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
    // Read before the rows: a change in between gives newer rows an old tag, never old rows a new one.
    let series = series::find(connection, &company.company_id).await?;
    let tag = Tag::of([format.as_str(), &format!("{company:?} {series:?} {days:?}")]);
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let bars = serving::bars(connection, &company.company_id, days).await?;
    let sources = serving::sources(connection, &company.company_id, days).await?;
    let head = Head::new(now, &company, &series, &sources, &api.samples);
    let names = Names { member: "data", file: &format!("rawdata-{code}") };
    let response = reply::table(format, &tag, &names, &head, bars.into_iter().map(BarRow::from))?;
    Ok(reply::with_provenance(response, head.source.as_deref(), head.licence_note.as_deref()))
}
