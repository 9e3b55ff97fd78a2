//! `GET /stockprices/timeseries`: the values of several companies, transformed for charts and analyses.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use chrono::NaiveDate;
use futures_util::{StreamExt as _, TryStreamExt as _, future, stream::BoxStream};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::{
    super::{StockApi, asked::Asked, head::Whose, price::Price},
    documents::TimeSeriesDocument,
    named,
    parameters::{Flag, flag},
    transformed::{self, Transformed},
};
use crate::{
    db::View,
    http::{
        Answer, QueryParams, Reader,
        openapi::schema::SeriesFormat,
        table::{Batch, Format, Kind, Names, Part, Parts, Tag, Values, columns, instant, reply, send_parts},
    },
    stock::store::serving::stream,
};

/// The most companies of an answer.
const MOST: usize = 20;

const COLUMNS: [(&str, Kind); 2] = [("date", Kind::Day), ("value", Kind::Real)];

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::stock::api) struct Query {
    /// The ids of 1 to 20 companies, comma-separated. One of `companyId` and `stockCode` has to be there.
    #[param(example = "0001", pattern = "^[0-9A-Za-z._-]{1,16}(,[0-9A-Za-z._-]{1,16}){0,19}$")]
    company_id: Option<String>,
    /// Companies by stock code, comma-separated; together with `companyId` no more than 20.
    #[param(pattern = "^\\^?[0-9A-Za-z.-]{1,15}(,\\^?[0-9A-Za-z.-]{1,15}){0,18}$")]
    stock_code: Option<String>,
    /// Which of a session's values.
    #[param(value_type = Price, inline, required = false)]
    price_type: Option<String>,
    /// Every n-th session with a value, the first one of the range included.
    #[param(value_type = u16, required = false, minimum = 1, maximum = 400, default = 1)]
    period: Option<String>,
    /// The natural logarithm of the values; sessions without one (a volume of 0) are left out.
    #[param(value_type = Flag, inline, required = false)]
    log: Option<String>,
    /// How often each value is replaced by its difference to the one before; so many first ones are left out.
    #[param(value_type = u16, required = false, minimum = 0, maximum = 10, default = 0)]
    diff_count: Option<String>,
    /// Appends forecasts. There are none yet.
    #[param(value_type = Flag, inline, required = false)]
    is_prediction: Option<String>,
    /// The first day. 2019-01-01 without it.
    #[param(value_type = NaiveDate, required = false, example = "2024-01-04")]
    start_date: Option<String>,
    /// The last day. Today where the company is traded without it.
    #[param(value_type = NaiveDate, required = false)]
    end_date: Option<String>,
    /// Before the header `Accept`. Other formats than JSON have a row for each value.
    #[param(value_type = SeriesFormat, inline, required = false)]
    format: Option<String>,
}

#[derive(Serialize)]
struct Head {
    timestamp: String,
}

/// Time series of companies
///
/// A price or the volume of each session, of several companies: as it is, or its logarithm, every n-th session,
/// differences; in this order.
#[utoipa::path(
    get,
    path = "/stockprices/timeseries",
    operation_id = "listTimeSeries",
    tag = "series",
    params(Query),
    responses(
        (status = 200, description = "the series of each company",
         body = TimeSeriesDocument),
        (status = 304, description = "the reader has it, by If-None-Match"),
        (status = 404, description = "a company is not known"),
    )
)]
pub(in crate::stock::api) async fn time_series(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of(query.format.as_deref(), &headers)?;
    let transformed = query.transformed()?;
    let companies = named::several(&api, &query.companies(), MOST).await?;
    let tag = Tag::of([format.as_str(), &format!("{companies:?} {transformed:?}")]);
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    // One for all companies, which are read one after the other.
    let one_statement = companies.iter().all(|asked| stream::fits(&asked.series, asked.days));
    let view = stream::view(&api.database, one_statement).await?;
    let (mut parts, mut notes) = (Vec::with_capacity(companies.len()), Vec::new());
    for asked in &companies {
        let whose = asked.whose(&api).await?;
        notes.extend(whose.licence_note.clone().filter(|note| !notes.contains(note)));
        parts.push(part(&whose, transformed, &view, asked)?);
    }
    let parts =
        Parts { of: &["companyId", "companyName", "stockCode"], member: "data", columns: columns(&COLUMNS), parts };
    let names = Names { member: "stockPrices", file: "timeseries" };
    let response = send_parts(format, &tag, &names, &Head { timestamp: instant(api.clock.now()) }, parts).await?;
    Ok(reply::with_provenance(response, None, (!notes.is_empty()).then(|| notes.join("; ")).as_deref()))
}

impl Query {
    /// # Errors
    /// 400 naming the parameter that cannot be.
    fn transformed(&self) -> Answer<Transformed> {
        // Nobody makes forecasts yet: what is asked for is only checked.
        flag("isPrediction", self.is_prediction.as_deref())?;
        Transformed::read(&transformed::Params {
            price_type: self.price_type.as_deref(),
            period: self.period.as_deref(),
            log: self.log.as_deref(),
            diff_count: self.diff_count.as_deref(),
        })
    }

    fn companies(&self) -> named::Params<'_> {
        named::Params {
            company_id: self.company_id.as_deref(),
            stock_code: self.stock_code.as_deref(),
            start_date: self.start_date.as_deref(),
            end_date: self.end_date.as_deref(),
        }
    }
}

fn part(whose: &Whose, transformed: Transformed, view: &Arc<View>, asked: &Asked) -> Answer<Part> {
    let values = transformed.values(view, &asked.company.company_id, asked.days);
    let texts = [&whose.company_id, &whose.company_name, &whose.stock_code];
    Part::new(whose, texts.map(|text| Arc::from(text.as_str())).to_vec(), batches(values))
}

fn batches(values: BoxStream<'static, Answer<Vec<(NaiveDate, f64)>>>) -> BoxStream<'static, Answer<Batch>> {
    let batch = |piece: Answer<Vec<_>>| {
        let (days, values): (Vec<_>, Vec<_>) = piece?.into_iter().map(|(day, value)| (day, Some(value))).unzip();
        Ok(Batch(vec![Values::Day(days), Values::Real(values)]))
    };
    // A piece of which every session is left out is none.
    values.map(batch).try_filter(|batch| future::ready(batch.rows() > 0)).boxed()
}
