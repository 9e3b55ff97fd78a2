//! `GET /stockprices/rawdata/{stockCode}`: a company's bars by date.

use std::{iter, sync::Arc};

use axum::{extract::State, http::HeaderMap, response::Response};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};

use super::{StockApi, asked::Asked, code::CodeInPath, head::Head, price::Price};
use crate::{
    http::{
        Answer, QueryParams, Reader,
        openapi::schema::{EndDate, SeriesFormat, StartDate},
        table::{Batch, Format, Kind, Table, Tag, Values, columns},
    },
    stock::{
        bar::Bar,
        store::serving::stream::{self, Pieces},
    },
};

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
    let format = Format::of(query.format.as_deref(), &headers)?;
    let asked = Asked::by_code(&api, &code, [query.start_date.as_deref(), query.end_date.as_deref()]).await?;
    let tag = Tag::of([format.as_str(), &format!("{asked:?}")]);
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let bars = stream::bars(&asked.view(&api).await?, &asked.company.company_id, asked.days);
    asked.answer(&api, format, &tag, "rawdata", table(bars, &Price::ALL)).await
}

/// These values of each bar by date: prices in the market's currency, volume in shares; null where there was no trade.
pub(super) fn table(bars: Pieces<Bar>, values: &'static [Price]) -> Table {
    let names = values.iter().map(|value| (value.as_str(), Kind::Real));
    let columns = columns(&iter::once(("date", Kind::Day)).chain(names).collect::<Vec<_>>());
    Table { columns, batches: bars.map(|piece| Ok(batch(&piece?, values))).boxed() }
}

fn batch(bars: &[Bar], values: &[Price]) -> Batch {
    let days = Values::Day(bars.iter().map(|bar| bar.date).collect());
    let reals = values.iter().map(|value| Values::Real(bars.iter().map(|bar| value.of(bar)).collect()));
    Batch(iter::once(days).chain(reals).collect())
}
