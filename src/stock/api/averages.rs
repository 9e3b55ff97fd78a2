//! `GET /stockprices/ma/{stockCode}`: a company's moving averages, by type and then by date.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::{Deserialize, Serialize};

use super::{StockApi, asked::Asked, averages_read::batches, averages_wanted::wanted, code::CodeInPath, head::Head};
use crate::{
    http::{
        Answer, QueryParams, Reader,
        openapi::schema::{EndDate, SeriesFormat, StartDate},
        table::{Format, Kind, Table, Tag, columns},
    },
    stock::store::serving,
};

const COLUMNS: [(&str, Kind); 3] = [("date", Kind::Day), ("maType", Kind::Text), ("maValue", Kind::Real)];

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Which moving averages: `sma`, `ema` or `wma` and a span of 1 to 400 sessions, separated by commas, at most 50.
    /// Without it those that are kept for every company.
    #[param(
        example = "sma5,ema25,wma200",
        pattern = "^ *(sma|ema|wma)([1-9][0-9]?|[1-3][0-9]{2}|400) *(, *(sma|ema|wma)([1-9][0-9]?|[1-3][0-9]{2}|400) *){0,49}$"
    )]
    ma_types: Option<String>,
    #[param(value_type = Option<StartDate>, inline)]
    start_date: Option<String>,
    #[param(value_type = Option<EndDate>, inline)]
    end_date: Option<String>,
    #[param(value_type = Option<SeriesFormat>, inline)]
    format: Option<String>,
}

/// As it is written; for the description only.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AveragesDocument {
    #[serde(flatten)]
    head: Head,
    /// By moving average, in the order of their names, then by date. Sessions before a value's first have none.
    data: Vec<AverageDocument>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MovingAverage)]
struct AverageDocument {
    #[schema(value_type = String, format = Date, example = "2026-11-20")]
    date: chrono::NaiveDate,
    #[schema(example = "sma5")]
    ma_type: String,
    /// In the market's currency.
    #[schema(example = 2815.4)]
    ma_value: f64,
}

/// A company's moving averages, by type and then by date.
///
/// Those that are kept for every company are read, any other span is computed while it is sent, from the first session
/// of the series on: a value does not depend on the days asked for.
#[utoipa::path(
    get,
    path = "/stockprices/ma/{stockCode}",
    tag = "prices",
    operation_id = "movingAverages",
    params(CodeInPath, Query),
    responses(
        (status = 200, description = "The moving averages", body = AveragesDocument),
        (status = 304, description = "As the `ETag` sent: nothing has changed"),
        (status = 404, description = "No company has this stock code"),
    )
)]
pub(super) async fn averages(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    CodeInPath(code): CodeInPath,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of(query.format.as_deref(), &headers)?;
    let asked = Asked::by_code(&api, &code, [query.start_date.as_deref(), query.end_date.as_deref()]).await?;
    let kept = serving::kept_averages(api.database.connection()).await?;
    let wanted = wanted(kept, &asked.series, query.ma_types.as_deref())?;
    let tag = Tag::of([format.as_str(), &format!("{asked:?} {wanted:?}")]);
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let batches = batches(&api.database, &asked, wanted).await?;
    asked.answer(&api, format, &tag, "ma", Table { columns: columns(&COLUMNS), batches }).await
}
