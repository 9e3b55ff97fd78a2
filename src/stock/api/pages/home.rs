//! `GET /`: the companies with their newest closes, the jobs, and where to go next.

use std::sync::Arc;

use axum::{extract::State, response::Html};
use maud::{Markup, html};

use super::{STYLE, home_row::row};
use crate::{
    http::{Answer, Reader, page},
    stock::{
        api::StockApi,
        store::serving::{self, Overview},
    },
};

/// Companies shown; the rest is a link away.
const SHOWN: u16 = 200;
/// Sessions of the small lines: half a year.
const SESSIONS: u16 = 120;

pub(in crate::stock::api) async fn home(_: Reader, State(api): State<Arc<StockApi>>) -> Answer<Html<String>> {
    let overview = serving::overview(api.database.connection(), SHOWN, SESSIONS).await?;
    let jobs = (api.jobs_fragment)().await;
    let body = html! {
        h1 { "Daily stock prices" }
        (companies(&api, &overview))
        h2 { "Jobs" }
        (jobs)
        h2 { "Where to go next" }
        (links(&overview))
    };
    Ok(Html(page::layout_with("Daily stock prices", STYLE, body).into_string()))
}

fn companies(api: &StockApi, overview: &Overview) -> Markup {
    if overview.shown.is_empty() {
        return html! {
            p { "No company is registered yet. Import some with " code { "datainfra companies import FILE" }
                ", or register one with " code { "POST /api/v1/companies" } "; then run the job with "
                code { "POST /jobs/stock/run" } "." }
        };
    }
    html! {
        @if overview.shown.iter().all(|shown| shown.closes.is_empty()) {
            p { "No bar is stored yet. Run the job with " code { "POST /jobs/stock/run" } " or "
                code { "datainfra run stock" } ", or wait for its next tick." }
        }
        @if overview.total > overview.shown.len() as u64 {
            p { "The first " (overview.shown.len()) " of " (page::number(overview.total)) " companies by code; "
                a href="/api/v1/companies" { "all of them" } "." }
        }
        div class="scroll" { table {
            thead { tr {
                th { "Code" } th { "Company" } th { "Market" } th class="num" { "Close" } th class="num" { "Change" }
                th { "Session" } th { "Half a year" } th { "Source" }
            } }
            tbody { @for shown in &overview.shown { (row(api, shown)) } }
        } }
    }
}

fn links(overview: &Overview) -> Markup {
    let example = overview.shown.iter().find(|shown| !shown.closes.is_empty()).or(overview.shown.first());
    html! {
        ul {
            li { a href="/jobs" { "/jobs" } ": what runs, when, and how it went" }
            li { a href="/runs" { "/runs" } ": every run with its tasks" }
            li { a href="/quarantine" { "/quarantine" } ": rows that were not loaded, and why" }
            li { a href="/api/v1/companies" { "/api/v1/companies" } ": the companies as JSON, or CSV with "
                a href="/api/v1/companies?format=csv" { "?format=csv" } }
            @if let Some(shown) = example {
                @let rawdata = format!("/api/v1/stockprices/rawdata/{}", shown.stock_code);
                li { a href=(rawdata) { (rawdata) } ": the bars of " (shown.company_name) }
            }
            li { a href="/docs" { "/docs" } ": the whole API, to read and to try" }
            li { a href="/docs/data-model" { "/docs/data-model" } ": every table and column, what it is and what it belongs to" }
            li { a href="/metrics" { "/metrics" } ": how the daemon is doing, for Prometheus" }
        }
    }
}
