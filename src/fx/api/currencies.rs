//! `GET /fx`: the currencies that have rates, each with its first and its newest day.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{FxApi, Head};
use crate::{
    fx::{
        ecb,
        store::{rates, rates::Listed, series},
    },
    http::{
        Answer, QueryParams, Reader,
        openapi::schema::ListFormat,
        table::{Format, Names, Row, Tag, instant, reply},
    },
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    #[param(value_type = Option<ListFormat>, inline)]
    format: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Currency)]
struct CurrencyRow {
    currency: String,
    first_date: NaiveDate,
    newest_date: NaiveDate,
}

/// What there is.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape matters")]
struct Currencies {
    #[serde(flatten)]
    head: Head,
    currencies: Vec<CurrencyRow>,
}

impl Row for CurrencyRow {
    const COLUMNS: &'static [&'static str] = &["currency", "firstDate", "newestDate"];
}

/// The currencies that have rates, each with its first and its newest day
#[utoipa::path(
    get,
    path = "/api/v1/fx",
    operation_id = "listCurrencies",
    tag = "rates",
    params(Query),
    responses(
        (status = 200, description = "The currencies", body = Currencies, headers(
            ("Data-Source", description = "Where the rows come from."),
            ("Data-Licence-Note", description = "What they may be used for.")
        )),
        (status = 304)
    )
)]
pub(super) async fn currencies(
    _: Reader,
    State(api): State<Arc<FxApi>>,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let connection = api.database.connection();
    let format = Format::of_list(query.format.as_deref(), &headers)?;
    // Read before the rows: a change in between gives newer rows an old tag, never old rows a new one.
    let series = series::find(connection, ecb::NAME).await?;
    let tag = Tag::of([format.as_str(), "fx", &format!("{series:?}")]);
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let listed = rates::list(connection).await?;
    let head = Head::new(instant(api.clock.now()));
    let names = Names { member: "currencies", file: "fx" };
    let response = reply::table(format, &tag, &names, &head, listed.into_iter().map(row))?;
    Ok(reply::with_provenance(response, Some(ecb::NAME), Some(ecb::LICENCE_NOTE)))
}

fn row(listed: Listed) -> CurrencyRow {
    let Listed { currency, days } = listed;
    CurrencyRow { currency: currency.to_string(), first_date: days.from, newest_date: days.to }
}
