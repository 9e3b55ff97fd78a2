//! `GET /revisions`: stored bars that were changed, newest first.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{StockApi, code, format::Format, reply, rows::Row, wire::instant as told};
use crate::{
    http::{
        Answer, Page, QueryParams, Reader, cursor, instant, limit,
        openapi::schema::{Id, Instant, Limit, ListFormat},
    },
    stock::{
        bar::{Bar, StockCode},
        store::revisions::{self, Revision, RevisionFilter},
    },
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Of the company with this stock code; 404 when there is none.
    #[param(value_type = Option<StockCode>, inline)]
    stock_code: Option<String>,
    /// Revised at this instant or later; a day means its midnight in UTC.
    #[param(value_type = Option<Instant>, inline)]
    since: Option<String>,
    #[param(value_type = Option<Limit>, inline)]
    limit: Option<String>,
    /// The id of the last row of the page before.
    #[param(value_type = Option<Id>, inline)]
    cursor: Option<String>,
    #[param(value_type = Option<ListFormat>, inline)]
    format: Option<String>,
}

/// Stored bars that were changed, newest first
///
/// Of a rebasing only the ratio, which stands for the whole history.
#[utoipa::path(
    get,
    path = "/revisions",
    operation_id = "listRevisions",
    tag = "quarantine",
    params(Query),
    responses(
        (status = 200, description = "A page of revisions",
            headers(("Next-Cursor", description = "For CSV: `nextCursor`.")),
            body = Page<RevisionRow>),
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
    let connection = api.database.connection();
    let limit = limit(query.limit.as_deref())?;
    let filter = RevisionFilter {
        company: code::asked_for(connection, query.stock_code.as_deref()).await?.map(|company| company.company_id),
        since: instant("since", query.since.as_deref())?,
        after: cursor(query.cursor.as_deref(), |text| Uuid::try_parse(text).ok())?,
        limit: limit + 1,
    };
    let rows = revisions::list(connection, &filter).await?;
    reply::page(format, &headers, "revisions", Page::cut(rows, limit, |row| row.id.clone()).map(RevisionRow::from))
}

/// Old and new values side by side; of a rebasing only the ratio, which stands for the whole history.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Revision)]
struct RevisionRow {
    id: String,
    kind: String,
    company_id: String,
    stock_code: Option<String>,
    company_name: Option<String>,
    date: NaiveDate,
    source: String,
    old_open: Option<f64>,
    old_high: Option<f64>,
    old_low: Option<f64>,
    old_close: Option<f64>,
    old_volume: Option<f64>,
    new_open: Option<f64>,
    new_high: Option<f64>,
    new_low: Option<f64>,
    new_close: Option<f64>,
    new_volume: Option<f64>,
    ratio: Option<f64>,
    run_id: String,
    #[schema(format = DateTime)]
    revised_at: String,
}

impl Row for RevisionRow {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "kind",
        "companyId",
        "stockCode",
        "companyName",
        "date",
        "source",
        "oldOpen",
        "oldHigh",
        "oldLow",
        "oldClose",
        "oldVolume",
        "newOpen",
        "newHigh",
        "newLow",
        "newClose",
        "newVolume",
        "ratio",
        "runId",
        "revisedAt",
    ];
}

impl From<Revision> for RevisionRow {
    fn from(row: Revision) -> Self {
        let values =
            |bar: Option<Bar>| bar.map_or([None; 5], |bar| [bar.open, bar.high, bar.low, bar.close, bar.volume]);
        let [old_open, old_high, old_low, old_close, old_volume] = values(row.old);
        let [new_open, new_high, new_low, new_close, new_volume] = values(row.new);
        Self {
            id: row.id,
            kind: row.kind,
            company_id: row.company_id.to_string(),
            stock_code: row.stock_code,
            company_name: row.company_name,
            date: row.date,
            source: row.source,
            old_open,
            old_high,
            old_low,
            old_close,
            old_volume,
            new_open,
            new_high,
            new_low,
            new_close,
            new_volume,
            ratio: row.ratio,
            run_id: row.run_id,
            revised_at: told(row.revised_at),
        }
    }
}
