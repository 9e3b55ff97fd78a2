//! `GET /indicators/{stockCode}`: any indicators of a company, a column for each value.

mod columns;
mod names;

use std::{collections::BTreeMap, sync::Arc};

use axum::{extract::State, http::HeaderMap, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{StockApi, asked::Asked, code::CodeInPath, head::Whose};
use crate::{
    db::View,
    http::{
        Answer, QueryParams, Reader,
        openapi::schema::SeriesFormat,
        table::{Format, Tag},
    },
    stock::{
        bar::Days,
        indicators::Indicator,
        store::serving::{self, stream},
    },
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Comma-separated, at most 32: `sma`, `ema`, `wma` and a span of 1 to 400 sessions, `rsi14`, `macd` (also
    /// `macdSignal` and `macdHist`), `bb20` (`bb20Upper`, `bb20Middle`, `bb20Lower`), `atr14`, `return`, `logreturn`,
    /// `volatility20`. Without it the moving averages that are kept.
    #[param(
        example = "sma5,rsi14,macd,bb20",
        pattern = "^((sma|ema|wma)([1-9][0-9]?|[1-3][0-9]{2}|400)|rsi14|macd|bb20|atr14|return|logreturn|volatility20)(,((sma|ema|wma)([1-9][0-9]?|[1-3][0-9]{2}|400)|rsi14|macd|bb20|atr14|return|logreturn|volatility20)){0,31}$"
    )]
    names: Option<String>,
    /// The first day. 2019-01-01 without it. Values do not depend on it: each is computed from the first session on.
    #[param(value_type = NaiveDate, required = false, example = "2024-01-04")]
    start_date: Option<String>,
    /// The last day. Today where the company is traded without it.
    #[param(value_type = NaiveDate, required = false)]
    end_date: Option<String>,
    /// Before the header `Accept`.
    #[param(value_type = SeriesFormat, inline, required = false)]
    format: Option<String>,
}

/// Indicators of a company
#[expect(dead_code, reason = "it is written piece by piece; this tells its shape")]
#[derive(ToSchema)]
pub(super) struct IndicatorsDocument {
    timestamp: DateTime<Utc>,
    #[serde(flatten)]
    whose: Whose,
    /// Ascending; the sessions that have a close.
    data: Vec<IndicatorsOfSession>,
}

#[expect(dead_code, reason = "it is written piece by piece; this tells its shape")]
#[derive(ToSchema)]
pub(super) struct IndicatorsOfSession {
    date: NaiveDate,
    /// A member for each value; null before its first.
    #[serde(flatten)]
    values: BTreeMap<String, Option<f64>>,
}

/// Indicators of a company
///
/// Moving averages of any span and other indicators, a column for each of their values and a row for each session that
/// has a close; null before a value's first session. The definitions stand in docs/indicators.md.
#[utoipa::path(
    get,
    path = "/indicators/{stockCode}",
    operation_id = "listIndicators",
    tag = "series",
    params(
        CodeInPath,
        Query,
    ),
    responses(
        (status = 200, description = "the values by date",
         body = IndicatorsDocument),
        (status = 304, description = "the reader has it, by If-None-Match"),
        (status = 404, description = "the company is not known"),
    )
)]
pub(super) async fn indicators(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    CodeInPath(code): CodeInPath,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of(query.format.as_deref(), &headers)?;
    let names = names::read(query.names.as_deref())?;
    let asked = Asked::by_code(&api, &code, [query.start_date.as_deref(), query.end_date.as_deref()]).await?;
    let wanted = names::or_kept(names, api.database.connection()).await?;
    let tag = Tag::of([format.as_str(), &format!("{asked:?} {wanted:?}")]);
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let (view, from) = beginning(&api, &asked, &wanted).await?;
    let bars = stream::bars(&view, &asked.company.company_id, Days { from, to: asked.days.to });
    asked.answer(&api, format, &tag, "indicators", columns::table(bars, &wanted, asked.days.from)).await
}

/// What to read from, and from which day on: the first of the series, so that no value depends on where the reader
/// begins. Of a long series only what is needed, where that is the same.
async fn beginning(api: &StockApi, asked: &Asked, wanted: &[Indicator]) -> Answer<(Arc<View>, NaiveDate)> {
    let Asked { company, series, days } = asked;
    let whole = Days { from: Days::EVER.from, to: days.to };
    let view = stream::view(&api.database, stream::fits(series, whole)).await?;
    let reach = wanted.iter().map(|indicator| indicator.reach()).collect::<Option<Vec<usize>>>();
    let (View::Snapshot(_), Some(reach)) = (&*view, reach) else { return Ok((view, whole.from)) };
    let closes = reach.into_iter().max().unwrap_or(0);
    let from = serving::first_needed(&view, &company.company_id, days.from, closes).await?;
    Ok((view, from.unwrap_or(whole.from)))
}
