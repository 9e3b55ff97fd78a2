//! `GET /stockprices/timeseries/candlestick`: a company's open, high, low and close by date.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    super::{StockApi, bars::table, price::Price},
    documents::CandlestickDocument,
    named,
};
use crate::{
    http::{
        Answer, QueryParams, Reader,
        openapi::schema::SeriesFormat,
        table::{Format, Tag},
    },
    stock::store::serving::stream,
};

const PRICES: [Price; 4] = [Price::Open, Price::High, Price::Low, Price::Close];

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::stock::api) struct Query {
    /// The id of a company. One of `companyId` and `stockCode` has to be there.
    #[param(example = "0001", pattern = "^[0-9A-Za-z._-]{1,16}$")]
    company_id: Option<String>,
    /// The company by its stock code, in place of `companyId`.
    #[param(pattern = "^\\^?[0-9A-Za-z.-]{1,15}$")]
    stock_code: Option<String>,
    /// The first day. 2019-01-01 without it.
    #[param(value_type = chrono::NaiveDate, required = false, example = "2024-01-04")]
    start_date: Option<String>,
    /// The last day. Today where the company is traded without it.
    #[param(value_type = chrono::NaiveDate, required = false)]
    end_date: Option<String>,
    /// Before the header `Accept`.
    #[param(value_type = SeriesFormat, inline, required = false)]
    format: Option<String>,
}

/// Candlesticks of a company
///
/// Open, high, low and close of each session, in the market's currency; null where there was no trade.
#[utoipa::path(
    get,
    path = "/stockprices/timeseries/candlestick",
    operation_id = "listCandlesticks",
    tag = "series",
    params(Query),
    responses(
        (status = 200, description = "the sessions by date",
         body = CandlestickDocument),
        (status = 304, description = "the reader has it, by If-None-Match"),
        (status = 404, description = "the company is not known"),
    )
)]
pub(in crate::stock::api) async fn candlestick(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of(query.format.as_deref(), &headers)?;
    let asked = named::one(&api, &query.company()).await?;
    let tag = Tag::of([format.as_str(), "candlestick", &format!("{asked:?}")]);
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let bars = stream::bars(&asked.view(&api).await?, &asked.company.company_id, asked.days);
    asked.answer(&api, format, &tag, "candlestick", table(bars, &PRICES)).await
}

impl Query {
    fn company(&self) -> named::Params<'_> {
        named::Params {
            company_id: self.company_id.as_deref(),
            stock_code: self.stock_code.as_deref(),
            start_date: self.start_date.as_deref(),
            end_date: self.end_date.as_deref(),
        }
    }
}
