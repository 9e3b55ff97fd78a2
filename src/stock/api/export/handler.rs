//! `GET /bars`.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use axum::{extract::State, http::HeaderMap, response::Response};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;

use super::{
    columns::{Writer, named},
    query::Query,
};
use crate::{
    db::View,
    http::{
        Answer, QueryParams, Reader,
        table::{self, Format, Names, Table, Tag, reply},
    },
    stock::{
        api::{StockApi, head, wire},
        store::serving::{
            self,
            export::{CompanyBar, Export},
        },
    },
};

/// The sources of so many bars are looked up; of more it is told which there can be.
const LOOKED_UP: usize = 100_000;

/// What stands before the rows.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BarsExportHead)]
struct Head {
    timestamp: String,
    /// What readers must know of the licences of the sources; of a long answer, of all sources there can be.
    licence_note: Option<String>,
}

/// As it is written; for the description only.
#[derive(Serialize, utoipa::ToSchema)]
struct BarsExport {
    #[serde(flatten)]
    head: Head,
    /// By stock code, then by date.
    data: Vec<ExportedBar>,
}

/// The columns asked for, of these.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct ExportedBar {
    #[schema(example = "7203", required = false)]
    stock_code: String,
    #[schema(example = "0001", required = false)]
    company_id: String,
    #[schema(example = "トヨタ自動車", required = false)]
    company_name: String,
    #[schema(value_type = String, format = Date, example = "2026-11-20", required = false)]
    date: chrono::NaiveDate,
    /// In the market's currency; null where there was no trade.
    open: Option<f64>,
    high: Option<f64>,
    low: Option<f64>,
    close: Option<f64>,
    /// In shares.
    volume: Option<f64>,
    #[schema(example = "yahoo")]
    source: Option<String>,
}

/// The bars of many companies at once, or of the whole market.
///
/// By stock code, then by date, all of one state of the database, however long the answer is.
#[utoipa::path(
    get,
    path = "/bars",
    tag = "prices",
    operation_id = "exportBars",
    params(Query),
    responses(
        (status = 200, description = "The bars", body = BarsExport, headers(("data-licence-note" = String, description = "What readers must know of the sources' licences"))),
        (status = 304, description = "As the `ETag` sent: nothing has changed"),
        (status = 404, description = "No company has one of the stock codes"),
    )
)]
pub(in crate::stock::api) async fn export(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Response> {
    let now = api.clock.now();
    let format = Format::of(query.format.as_deref(), &headers)?;
    let asked = query.read(now)?;
    // Read before the rows: a change in between gives newer rows an old tag, never old rows a new one.
    let companies = asked.companies(api.database.connection()).await?;
    let tag = Tag::of([format.as_str(), &format!("{companies:?} {:?} {:?}", asked.days, asked.fields)]);
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let (columns, writer) = (named(&asked.fields), Writer::new(asked.fields, &companies));
    let export = Export { companies: companies.into(), days: asked.days };
    let view = serving::stream::view(&api.database, export.is_one_piece()).await?;
    let mut bars = export.clone().bars(&view);
    let first = bars.try_next().await?.unwrap_or_default();
    let licence_note = licence_note(&api, &export, &view, &first).await?;
    let head = Head { timestamp: wire::instant(now), licence_note };
    let bars = stream::iter((!first.is_empty()).then_some(Ok(first))).chain(bars);
    let batches = bars.map(move |piece| Ok(writer.batch(&piece?))).boxed();
    let names = Names { member: "data", file: "bars" };
    let response = table::send(format, &tag, &names, &head, Table { columns, batches }).await?;
    Ok(reply::with_provenance(response, None, head.licence_note.as_deref()))
}

/// The notes of the samples and of the sources of all others, each once. `first` is the first piece.
async fn licence_note(api: &StockApi, export: &Export, view: &View, first: &[CompanyBar]) -> Answer<Option<String>> {
    let samples: Vec<_> = export.companies.iter().map(|company| api.samples.get(&company.company_id)).collect();
    let mut notes: Vec<String> = samples.iter().flatten().map(|sample| sample.licence_note.clone()).collect();
    if samples.contains(&None) {
        let note = |source: &str| head::source_note(source);
        notes.extend(if export.is_one_piece() {
            let sources: BTreeSet<&str> = first.iter().filter_map(|bar| bar.source.as_deref()).collect();
            sources.into_iter().map(note).collect()
        } else if export.sessions() <= LOOKED_UP {
            export.sources(view).await?.iter().map(|source| note(source)).collect()
        } else {
            head::all_notes()
        });
    }
    let mut seen = HashSet::new();
    notes.retain(|note| seen.insert(note.clone()));
    Ok((!notes.is_empty()).then(|| notes.join("; ")))
}
