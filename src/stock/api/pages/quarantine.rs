//! `GET /quarantine`: the rows that were not loaded, why, and what to do about them.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::Html,
};
use maud::{Markup, html};
use url::form_urlencoded::Serializer;

use super::{STYLE, currency::Currency, number};
use crate::{
    http::{Answer, Page, Problem, QueryParams, Reader, page},
    stock::{
        api::{
            StockApi,
            quarantine::{Asked, Query},
            wire::instant,
        },
        store::quarantine::{self, Quarantined, State as RowState},
    },
    told,
};

/// Without a state those nobody has decided about are shown.
pub(in crate::stock::api) async fn quarantine(
    _: Reader,
    State(api): State<Arc<StockApi>>,
    QueryParams(query): QueryParams<Query>,
    headers: HeaderMap,
) -> Answer<Html<String>> {
    let connection = api.database.connection();
    if query.format.is_some() {
        return Err(Problem::bad_request(
            "format",
            told!(
                "a page has no format; json and csv are to be had at /api/v1/quarantine",
                "ページの形式は選べません。json と csv は /api/v1/quarantine にあります"
            ),
        ));
    }
    let mut asked = query.read(connection).await?;
    asked.filter.state = asked.filter.state.or(Some(RowState::Held));
    let rows = quarantine::list(connection, &asked.filter).await?;
    let shown = Page::cut(rows, asked.limit, |row| row.id.clone());
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1:8080");
    let body = html! {
        h1 { "Rows not loaded" @if let Some(company) = &asked.company { " of " (company.stock_code) " " (company.company_name) } }
        (tabs(&asked))
        (what_to_do(host))
        @if shown.items.is_empty() { p class="quiet" { "There is no such row." } } @else { (table(&shown.items)) }
        @if let Some(cursor) = &shown.next_cursor {
            p { a href=(address(&asked, asked.filter.state, Some(cursor))) { "Older rows" } }
        }
    };
    Ok(Html(page::layout_with("Rows not loaded", STYLE, body).into_string()))
}

fn tabs(asked: &Asked) -> Markup {
    html! {
        nav class="tabs" aria-label="States" {
            @for state in RowState::ALL {
                @let current = (asked.filter.state == Some(state)).then_some("page");
                a href=(address(asked, Some(state), None)) aria-current=[current] { (state.as_str()) }
            }
        }
    }
}

fn what_to_do(host: &str) -> Markup {
    html! {
        p {
            "Each of these rows came from a source and broke a rule, so it was kept here and not loaded. When the row is \
             right, accept it: its bar is loaded and the moving averages are computed anew. When it is wrong, discard \
             it: it is not shown again. A row that could not be read as one, or that stands for a whole answer, can \
             only be discarded."
        }
        pre class="mono" {
            "curl -X POST -H \"Authorization: Bearer $TOKEN\" http://" (host) "/quarantine/ID/accept\n"
            "curl -X POST -H \"Authorization: Bearer $TOKEN\" http://" (host) "/quarantine/ID/discard"
        }
        p class="quiet" { "Where no token is configured, leave the header out and call from this host. A reason may be \
            sent along: " code { "--json '{\"note\":\"…\"}'" } "." }
    }
}

fn table(rows: &[Quarantined]) -> Markup {
    html! {
        div class="scroll" { table {
            thead { tr {
                th { "Company" } th { "Session" } th { "Source" } th { "Why it was not loaded" }
                th class="num" { "Open" } th class="num" { "High" } th class="num" { "Low" } th class="num" { "Close" }
                th class="num" { "Volume" } th { "First met (UTC)" }
            } }
            tbody { @for row in rows { (row_of(row)) } }
        } }
    }
}

fn row_of(row: &Quarantined) -> Markup {
    let bar = row.bar.map(|(bar, _)| bar);
    html! {
        tr {
            td {
                @if let Some(code) = &row.stock_code { a href={ "/companies/" (code) } { (code) } }
                @else { (row.company_id) }
                @if let Some(name) = &row.company_name { small { (name) } }
            }
            td { @if let Some(date) = row.date { time { (date) } } @else { "–" } }
            td { (row.source) }
            td {
                (row.reason)
                small class="mono raw" { (row.raw) }
                @if let Some(by) = &row.decided_by { small { (row.state.as_str()) " by " (by) @if !row.note.is_empty() { ": " (row.note) } } }
                small { "ID " span class="mono" { (row.id) } }
            }
            @if let Some(bar) = bar {
                @for value in [bar.open, bar.high, bar.low, bar.close] {
                    td class="num" { (number::price(value, Currency::UNKNOWN)) }
                }
                td class="num" { (number::volume(bar.volume)) }
            } @else {
                td colspan="5" class="quiet" { "could not be read" }
            }
            td { time { (row.created_at.format("%Y-%m-%d %H:%M")) } small { a href={ "/runs/" (row.run_id) } { "the run" } } }
        }
    }
}

/// The address of the page with the same filter, but for state and place.
fn address(asked: &Asked, state: Option<RowState>, after: Option<&str>) -> String {
    let start = "/quarantine?";
    let mut query = Serializer::for_suffix(start.to_owned(), start.len());
    let filter = &asked.filter;
    let pairs = [
        ("stockCode", asked.company.as_ref().map(|company| company.stock_code.to_string())),
        ("source", filter.source.clone()),
        ("state", state.map(|state| state.as_str().to_owned())),
        ("run", filter.run.clone()),
        ("since", filter.since.map(instant)),
        ("limit", after.map(|_| asked.limit.to_string())),
        ("cursor", after.map(str::to_owned)),
    ];
    for (name, value) in pairs {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    query.finish()
}
