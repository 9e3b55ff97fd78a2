//! The domain over HTTP: companies, bars and moving averages under `/api/v1`, the home page and a page for each company.
//!
//! Shapes and routes are those of the Go service it takes over from, with members added. It reads the store and
//! registers companies, and decides about rows of the quarantine; it never asks a source.

mod averages;
mod averages_read;
mod averages_wanted;
mod bars;
mod code;
mod companies;
mod coverage;
mod coverage_report;
mod coverage_wire;
mod days;
mod differences;
mod export;
mod failure;
mod head;
mod indicators;
mod pages;
mod quarantine;
mod register;
mod registration;
mod revisions;
mod samples;
mod search;
mod svg;
mod timeseries;
mod unwatch;
mod uploads;
mod wire;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use crate::{
    clock::Clock,
    db::Database,
    http::{
        page::JobsFragment,
        table::{caching, format, reply, rows},
    },
};

pub use samples::{SampleNote, Samples};
pub use uploads::{UploadsApi, uploads};

/// What the domain's routes need.
pub struct StockApi {
    pub database: Database,
    pub clock: Clock,
    /// The part of the home page that tells of jobs.
    pub jobs_fragment: JobsFragment,
    /// The companies that are samples, and what has to be said of them.
    pub samples: Samples,
}

/// Where the API answers: its own place, and where the old front end asks.
const PREFIXES: [&str; 2] = ["/api/v1", "/stock-prediction-dashboard/api/v1"];

/// The domain's routes, state applied.
pub fn router(api: StockApi) -> Router {
    let data = Router::new()
        .route("/companies", get(companies::list).post(register::register))
        .route("/companies/search", get(search::search))
        .route("/companies/{stockCode}", get(companies::one).delete(unwatch::unwatch))
        .route("/coverage", get(coverage::list))
        .route("/coverage/{stockCode}", get(coverage::one))
        .route("/differences", get(differences::list))
        .route("/bars", get(export::export))
        .route("/stockprices/rawdata/{stockCode}", get(bars::bars))
        .route("/stockprices/ma/{stockCode}", get(averages::averages))
        .merge(timeseries::routes())
        .route("/indicators/{stockCode}", get(indicators::indicators))
        .route("/quarantine", get(quarantine::list))
        .route("/quarantine/{id}", get(quarantine::one))
        .merge(decisions())
        .route("/revisions", get(revisions::list));
    let pages = Router::new()
        .route("/", get(pages::home))
        .route("/companies/{stockCode}", get(pages::company))
        .route("/quarantine", get(pages::quarantine))
        .merge(decisions());
    PREFIXES.into_iter().fold(pages, |router, prefix| router.nest(prefix, data.clone())).with_state(Arc::new(api))
}

/// Where somebody decides about a row: under the API and beside the page.
fn decisions() -> Router<Arc<StockApi>> {
    Router::new()
        .route("/quarantine/{id}/accept", post(quarantine::accept))
        .route("/quarantine/{id}/discard", post(quarantine::discard))
}
