//! `GET /differences`: where the stored bars and a second source's differ, the newest found first.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{StockApi, caching::Tag, code, format::Format, reply, rows::Row};
use crate::{
    http::{
        Answer, Page, QueryParams, Reader, cursor, instant, limit,
        openapi::schema::{Id, Instant, Limit, ListFormat, words},
        word,
    },
    stock::{
        bar::StockCode,
        store::differences::{self, Difference, DifferenceFilter},
    },
};

const STATES: [&str; 2] = ["open", "closed"];

/// One of them, as it is described.
enum DifferenceState {}

crate::described!(DifferenceState => words(STATES));

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Of the company with this stock code; 404 when there is none.
    #[param(value_type = Option<StockCode>, inline)]
    stock_code: Option<String>,
    /// Found at this instant or later; a day means its midnight in UTC.
    #[param(value_type = Option<Instant>, inline)]
    since: Option<String>,
    /// `open`, or `closed` once both agree again.
    #[param(value_type = Option<DifferenceState>, inline)]
    state: Option<String>,
    #[param(value_type = Option<Limit>, inline)]
    limit: Option<String>,
    /// The id of the last difference of the page before.
    #[param(value_type = Option<Id>, inline)]
    cursor: Option<String>,
    #[param(value_type = Option<ListFormat>, inline)]
    format: Option<String>,
}

/// `V` are the values of a session: an object in JSON, its text in CSV.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Difference)]
struct DifferenceRow<V> {
    id: String,
    company_id: String,
    stock_code: String,
    source: String,
    kind: String,
    from: NaiveDate,
    to: NaiveDate,
    /// How many sessions within differ.
    sessions: i32,
    /// The greatest difference of a price, as a part of the stored one.
    worst: f64,
    /// The first differing session as stored, and as the source gives it.
    stored: Option<V>,
    other: Option<V>,
    #[schema(value_type = DifferenceState)]
    state: String,
    run_id: String,
    found_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
}

const COLUMNS: &[&str] = &[
    "id",
    "companyId",
    "stockCode",
    "source",
    "kind",
    "from",
    "to",
    "sessions",
    "worst",
    "stored",
    "other",
    "state",
    "runId",
    "foundAt",
    "seenAt",
    "closedAt",
];

impl Row for DifferenceRow<Value> {
    const COLUMNS: &'static [&'static str] = COLUMNS;
}

impl Row for DifferenceRow<String> {
    const COLUMNS: &'static [&'static str] = COLUMNS;
}

/// Where the stored bars and a second source's differ, the newest found first
#[utoipa::path(
    get,
    path = "/differences",
    operation_id = "listDifferences",
    tag = "coverage",
    params(Query),
    responses(
        (status = 200, description = "A page of differences",
            headers(("Next-Cursor", description = "For CSV: `nextCursor`.")),
            body = Page<DifferenceRow<Value>>),
        (status = 304),
        (status = 404, description = "There is no such company.")
    )
)]
pub(super) async fn list(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let format = Format::of_list(query.format.as_deref(), &headers)?;
    let limit = limit(query.limit.as_deref())?;
    let connection = api.database.connection();
    let filter = DifferenceFilter {
        company: code::asked_for(connection, query.stock_code.as_deref()).await?.map(|company| company.company_id),
        since: instant("since", query.since.as_deref())?,
        state: word("state", query.state.as_deref(), &STATES, |state| state)?,
        after: cursor(query.cursor.as_deref(), |text| uuid::Uuid::try_parse(text).ok().map(|id| id.to_string()))?,
        limit: limit + 1,
    };
    let found = differences::list(connection, &filter).await?;
    let page = Page::cut(found, limit, |difference| difference.id.clone());
    let tag = Tag::of([format.as_str(), &format!("{page:?}")]);
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    match format {
        Format::Csv => {
            reply::tagged_page(format, &tag, "differences", page.map(|one| row(one, |values| values.to_string())))
        }
        _ => reply::tagged_page(format, &tag, "differences", page.map(|one| row(one, |values| values))),
    }
}

fn row<V>(found: Difference, values: impl Fn(Value) -> V) -> DifferenceRow<V> {
    DifferenceRow {
        id: found.id,
        company_id: found.company_id,
        stock_code: found.stock_code,
        source: found.source,
        kind: found.kind,
        from: found.days.from,
        to: found.days.to,
        sessions: found.sessions,
        worst: found.worst,
        stored: found.stored.map(&values),
        other: found.other.map(&values),
        state: found.state,
        run_id: found.run_id,
        found_at: found.found_at,
        seen_at: found.seen_at,
        closed_at: found.closed_at,
    }
}
