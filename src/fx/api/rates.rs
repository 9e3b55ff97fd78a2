//! `GET /fx/{currency}`: a currency's rates by date.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderMap, request::Parts},
    response::Response,
};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{
    IntoParams, ToSchema,
    openapi::path::{Parameter, ParameterIn},
};

use super::{FxApi, Head};
use crate::{
    fx::{
        calendar::ZONE,
        ecb,
        rate::{Currency, Days, Rate},
        store::{rates, series},
    },
    http::{
        Answer, Problem, QueryParams, Reader,
        openapi::{
            in_path,
            schema::{EndDate, SeriesFormat, StartDate},
        },
        path_text,
        table::{self, Batch, Format, Kind, Names, Table, Tag, Values, columns, days, instant, reply},
    },
    told,
};

#[derive(Debug, Deserialize, IntoParams)]
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

/// Units of the currency for one euro.
const COLUMNS: [(&str, Kind); 2] = [("date", Kind::Day), ("rate", Kind::Real)];

/// A currency's rate.
#[derive(ToSchema)]
#[schema(as = Rate)]
#[expect(dead_code, reason = "only its shape matters")]
struct RateRow {
    date: NaiveDate,
    rate: f64,
}

/// A currency's rates.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape matters")]
struct Rates {
    #[serde(flatten)]
    head: Head,
    data: Vec<RateRow>,
}

/// The rates of a currency by date
#[utoipa::path(
    get,
    path = "/api/v1/fx/{currency}",
    operation_id = "getRates",
    tag = "rates",
    params(CurrencyInPath, Query),
    responses(
        (status = 200, description = "The rates", body = Rates, headers(
            ("Data-Source", description = "Where the rows come from."),
            ("Data-Licence-Note", description = "What they may be used for.")
        )),
        (status = 304),
        (status = 404, description = "There are no rates of this currency.")
    )
)]
pub(super) async fn rates(
    _: Reader,
    State(api): State<Arc<FxApi>>,
    CurrencyInPath(currency): CurrencyInPath,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let (connection, now) = (api.database.connection(), api.clock.now());
    let format = Format::of(query.format.as_deref(), &headers)?;
    if !rates::exists(connection, currency).await? {
        return Err(Problem::not_found(told!(
            "there are no rates of {currency}; /api/v1/fx lists the currencies",
            "{currency} のレートはありません。通貨の一覧は /api/v1/fx で見られます"
        )));
    }
    let today = now.with_timezone(&ZONE).date_naive();
    let (from, to) = days(query.start_date.as_deref(), query.end_date.as_deref(), today)?;
    // Read before the rows: a change in between gives newer rows an old tag, never old rows a new one.
    let series = series::find(connection, ecb::NAME).await?;
    let tag = Tag::of([format.as_str(), currency.as_str(), &format!("{series:?} {from} {to}")]);
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let rates = rates::read(connection, currency, Days { from, to }).await?;
    let head = Head { currency: Some(currency.to_string()), ..Head::new(instant(now)) };
    let names = Names { member: "data", file: &format!("fx-{currency}") };
    let response = table::send(format, &tag, &names, &head, Table::of(columns(&COLUMNS), batch(&rates))).await?;
    Ok(reply::with_provenance(response, Some(ecb::NAME), Some(ecb::LICENCE_NOTE)))
}

fn batch(rates: &[Rate]) -> Batch {
    Batch(vec![
        Values::Day(rates.iter().map(|rate| rate.date).collect()),
        Values::Real(rates.iter().map(|rate| Some(rate.rate)).collect()),
    ])
}

/// The text in a path.
#[derive(ToSchema)]
#[schema(pattern = "^[A-Za-z]{3}$", min_length = 3, max_length = 3, example = "USD")]
#[expect(dead_code, reason = "only its shape matters")]
struct CurrencyCode(String);

/// `{currency}`. What is no code of three letters is 400.
pub(super) struct CurrencyInPath(Currency);

impl IntoParams for CurrencyInPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        in_path::<CurrencyCode>("currency", "The code of a currency: three letters; `GET /api/v1/fx` lists them.")
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CurrencyInPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let text = path_text(parts, state, "currency").await?;
        Currency::parse(&text).map(Self).map_err(|error| Problem::bad_request("currency", error))
    }
}
