//! `GET /stockprices/timeseries/correlogram`: how a company's series correlates with itself.

use std::{iter, sync::Arc};

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use futures_util::TryStreamExt as _;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    super::{StockApi, asked::Asked, price::Price},
    documents::{Correlation, CorrelogramDocument},
    named,
    parameters::{Flag, whole},
    transformed::{self, Transformed},
};
use crate::{
    http::{
        Answer, Problem, QueryParams, Reader,
        openapi::schema::SeriesFormat,
        table::{self, Batch, Format, Kind, Names, Table, Tag, Values, columns, instant, reply},
    },
    stock::analysis,
    told,
};

/// The lags without `lags`, where the series is long enough.
const DEFAULT: u16 = 30;
/// The most lags.
const MOST: u16 = 500;

const COLUMNS: [(&str, Kind); 5] = [
    ("kind", Kind::Text),
    ("lag", Kind::Whole),
    ("corr", Kind::Real),
    ("conf0025", Kind::Real),
    ("conf0975", Kind::Real),
];

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
    /// The greatest lag, in values of the series; at most half of how many there are. Without it 30, or that half.
    #[param(value_type = u16, required = false, minimum = 1, maximum = 500, default = 30)]
    lags: Option<String>,
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
    /// The first day. 2019-01-01 without it.
    #[param(value_type = chrono::NaiveDate, required = false, example = "2024-01-04")]
    start_date: Option<String>,
    /// The last day. Today where the company is traded without it.
    #[param(value_type = chrono::NaiveDate, required = false)]
    end_date: Option<String>,
    /// Before the header `Accept`. Other formats than JSON have a row for each correlation, of the kind `acf` or `pacf`.
    #[param(value_type = SeriesFormat, inline, required = false)]
    format: Option<String>,
}

/// Correlogram of a company
///
/// The autocorrelation and the partial autocorrelation of a series with their 95 % bounds, equal to statsmodels' `acf`
/// and `pacf(method="ywm")`. The series is that of the time series with the same parameters.
#[utoipa::path(
    get,
    path = "/stockprices/timeseries/correlogram",
    operation_id = "getCorrelogram",
    tag = "series",
    params(Query),
    responses(
        (status = 200, description = "the correlations by lag",
         body = CorrelogramDocument),
        (status = 304, description = "the reader has it, by If-None-Match"),
        (status = 400, description = "A parameter cannot be, or there are more lags than the series allows."),
        (status = 404, description = "the company is not known"),
    )
)]
pub(in crate::stock::api) async fn correlogram(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of(query.format.as_deref(), &headers)?;
    let (transformed, lags) = (query.transformed()?, whole("lags", query.lags.as_deref(), &(1..=MOST))?);
    let asked = named::one(&api, &query.company()).await?;
    let tag = Tag::of([format.as_str(), &format!("{asked:?} {transformed:?} {lags:?}")]);
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let values = values(&api, &asked, transformed).await?;
    let (count, lags) = (values.len(), lags_of(values.len(), lags)?);
    // Some milliseconds for a long series.
    let found = tokio::task::spawn_blocking(move || analysis::correlogram(&values, lags)).await;
    let found = found.map_err(Problem::internal)?;
    let whose = asked.whose(&api).await?;
    let [acf, pacf] = [found.acf, found.pacf].map(|of| of.into_iter().map(Correlation::from).collect());
    answer(format, &tag, CorrelogramDocument { timestamp: instant(api.clock.now()), whose, count, acf, pacf }).await
}

impl Query {
    fn transformed(&self) -> Answer<Transformed> {
        Transformed::read(&transformed::Params {
            price_type: self.price_type.as_deref(),
            period: self.period.as_deref(),
            log: self.log.as_deref(),
            diff_count: self.diff_count.as_deref(),
        })
    }

    fn company(&self) -> named::Params<'_> {
        named::Params {
            company_id: self.company_id.as_deref(),
            stock_code: self.stock_code.as_deref(),
            start_date: self.start_date.as_deref(),
            end_date: self.end_date.as_deref(),
        }
    }
}

/// The whole series: eight bytes a session.
async fn values(api: &StockApi, asked: &Asked, transformed: Transformed) -> Answer<Vec<f64>> {
    let pieces = transformed.values(&asked.view(api).await?, &asked.company.company_id, asked.days);
    let add = async |mut all: Vec<f64>, piece: Vec<(chrono::NaiveDate, f64)>| {
        all.extend(piece.into_iter().map(|(_, value)| value));
        Ok(all)
    };
    pieces.try_fold(Vec::new(), add).await
}

/// The lags for so many values.
fn lags_of(count: usize, asked: Option<u16>) -> Answer<usize> {
    let greatest = analysis::greatest_lag(count);
    let lags = usize::from(asked.unwrap_or(DEFAULT));
    if asked.is_none() || lags <= greatest {
        return Ok(lags.min(greatest));
    }
    let message = if greatest == 0 {
        told!(
            "{count} values are too few for any lag; ask for more days",
            "値が {count} 個ではラグを計算できません。期間を広げてください"
        )
    } else {
        told!(
            "{lags} is more than half of the {count} values; write at most {greatest}, or ask for more days",
            "{lags} は値の個数 {count} の半分を超えています。{greatest} 以下にするか、期間を広げてください"
        )
    };
    Err(Problem::bad_request("lags", message))
}

async fn answer(format: Format, tag: &Tag, document: CorrelogramDocument) -> Answer<Response> {
    let (source, note) = (document.whose.source.clone(), document.whose.licence_note.clone());
    let response = if format == Format::Json {
        let text = serde_json::to_vec(&document).map_err(Problem::internal)?;
        tag.mark(([(header::CONTENT_TYPE, "application/json")], text).into_response())
    } else {
        let file = format!("correlogram-{}", document.whose.stock_code);
        let table = Table::of(columns(&COLUMNS), batch(&document));
        table::send(format, tag, &Names { member: "data", file: &file }, &document.whose, table).await?
    };
    Ok(reply::with_provenance(response, source.as_deref(), note.as_deref()))
}

/// The autocorrelations, then the partial ones.
fn batch(document: &CorrelogramDocument) -> Batch {
    let rows = || document.acf.iter().chain(&document.pacf);
    let reals = |value: fn(&Correlation) -> Option<f64>| Values::Real(rows().map(value).collect());
    let kinds = [("acf", &document.acf), ("pacf", &document.pacf)];
    let kinds = kinds.map(|(kind, of)| iter::repeat_n(Some(Arc::from(kind)), of.len()));
    Batch(vec![
        Values::Text(kinds.into_iter().flatten().collect()),
        Values::Whole(rows().map(|row| i64::try_from(row.lag).ok()).collect()),
        reals(|row| row.corr),
        reals(|row| row.conf0025),
        reals(|row| row.conf0975),
    ])
}
