//! `GET /stockprices/rawdata/{stockCode}`: a company's bars by date.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};

use super::{
    StockApi,
    caching::Tag,
    code::{self, CodeInPath},
    days::{days, today},
    format::Format,
    head::Head,
    reply::{self, Names},
};
use crate::{
    http::{
        Answer, QueryParams, Reader,
        openapi::schema::{EndDate, SeriesFormat, StartDate},
        table::{self, Batch, Kind, Table, Values, columns},
    },
    stock::{
        bar::Bar,
        store::{
            series,
            serving::{self, stream},
        },
    },
};

/// Prices in the market's currency, volume in shares; null where there was no trade.
const COLUMNS: [(&str, Kind); 6] = [
    ("date", Kind::Day),
    ("open", Kind::Real),
    ("high", Kind::Real),
    ("low", Kind::Real),
    ("close", Kind::Real),
    ("volume", Kind::Real),
];

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    #[param(value_type = Option<StartDate>, inline)]
    start_date: Option<String>,
    #[param(value_type = Option<EndDate>, inline)]
    end_date: Option<String>,
    #[param(value_type = Option<SeriesFormat>, inline)]
    format: Option<String>,
}

/// As it is written; for the description only.
#[derive(Serialize, utoipa::ToSchema)]
struct BarsDocument {
    #[serde(flatten)]
    head: Head,
    /// By date.
    data: Vec<BarDocument>,
}

/// A session; without trade its prices are null.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Bar)]
struct BarDocument {
    #[schema(value_type = String, format = Date, example = "2026-11-20")]
    date: chrono::NaiveDate,
    /// In the market's currency.
    #[schema(example = 2810.0)]
    open: Option<f64>,
    high: Option<f64>,
    low: Option<f64>,
    close: Option<f64>,
    /// In shares.
    #[schema(example = 24513600.0)]
    volume: Option<f64>,
}

/// A company's bars by date.
#[utoipa::path(
    get,
    path = "/stockprices/rawdata/{stockCode}",
    tag = "prices",
    operation_id = "bars",
    params(CodeInPath, Query),
    responses(
        (status = 200, description = "The bars", body = BarsDocument),
        (status = 304, description = "As the `ETag` sent: nothing has changed"),
        (status = 404, description = "No company has this stock code"),
    )
)]
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
    let view = stream::view(&api.database, &series, days).await?;
    let bars = stream::bars(&view, &company.company_id, days);
    let sources = serving::sources(connection, &company.company_id, days).await?;
    let head = Head::new(now, &company, &series, &sources, &api.samples);
    let names = Names { member: "data", file: &format!("rawdata-{code}") };
    let batches = bars.map(|piece| Ok(batch(&piece?))).boxed();
    let response = table::send(format, &tag, &names, &head, Table { columns: columns(&COLUMNS), batches }).await?;
    Ok(reply::with_provenance(response, head.source.as_deref(), head.licence_note.as_deref()))
}

fn batch(bars: &[Bar]) -> Batch {
    let reals = |value: fn(&Bar) -> Option<f64>| Values::Real(bars.iter().map(value).collect());
    Batch(vec![
        Values::Day(bars.iter().map(|bar| bar.date).collect()),
        reals(|bar| bar.open),
        reals(|bar| bar.high),
        reals(|bar| bar.low),
        reals(|bar| bar.close),
        reals(|bar| bar.volume),
    ])
}
