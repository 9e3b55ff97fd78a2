//! `GET /fx/{currency}`: a currency's rates by date.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, request::Parts},
    response::Response,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
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
            schema::{EndDate, ListFormat, StartDate},
        },
        table::{Format, Names, Row, Tag, days, instant, reply},
    },
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    #[param(value_type = Option<StartDate>, inline)]
    start_date: Option<String>,
    #[param(value_type = Option<EndDate>, inline)]
    end_date: Option<String>,
    #[param(value_type = Option<ListFormat>, inline)]
    format: Option<String>,
}

/// Units of the currency for one euro.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Rate)]
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

impl Row for RateRow {
    const COLUMNS: &'static [&'static str] = &["date", "rate"];
}

/// The rates of a currency by date
#[utoipa::path(
    get,
    path = "/api/v1/fx/{currency}",
    operation_id = "getRates",
    tag = "rates",
    params(CurrencyInPath, Query),
    responses(
        (status = 200, description = "The rates", content((Rates = "application/json"), (String = "text/csv")), headers(
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
        return Err(Problem::not_found(format!("there are no rates of {currency}; /api/v1/fx lists the currencies")));
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
    let response = reply::table(format, &tag, &names, &head, rates.into_iter().map(row))?;
    Ok(reply::with_provenance(response, Some(ecb::NAME), Some(ecb::LICENCE_NOTE)))
}

fn row(rate: Rate) -> RateRow {
    RateRow { date: rate.date, rate: rate.rate }
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
        let wrong = |message: String| Problem::bad_request("currency", message);
        let Path(text) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|error| wrong(error.body_text()))?;
        Currency::parse(&text).map(Self).map_err(|error| wrong(error.to_string()))
    }
}
