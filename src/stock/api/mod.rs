//! The domain over HTTP: companies, bars and moving averages under `/api/v1`, the home page and a page for each company.
//!
//! Shapes and routes are those of the Go service it takes over from, with members added. It reads the store and
//! registers companies, and decides about rows of the quarantine; it never asks a source.

mod asked;
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
mod price;
mod quarantine;
mod register;
mod registration;
mod revisions;
mod samples;
mod schema;
mod search;
mod svg;
mod timeseries;
mod unwatch;
mod uploads;
mod wire;

use std::sync::Arc;

use axum::routing::post;
use utoipa_axum::routes;

use crate::{
    clock::Clock,
    db::Database,
    http::{
        FORMER_PREFIX, Listed, Routes,
        page::JobsFragment,
        table::{caching, format, reply, rows},
    },
};

pub use samples::{SampleNote, Samples};
pub use uploads::{UploadsApi, uploads, uploads_listed};

/// What the domain's routes need.
pub struct StockApi {
    pub database: Database,
    pub clock: Clock,
    /// The part of the home page that tells of jobs.
    pub jobs_fragment: JobsFragment,
    /// The companies that are samples, and what has to be said of them.
    pub samples: Samples,
}

/// Where the API answers.
const PREFIX: &str = "/api/v1";

/// The domain's routes, state applied.
pub fn router(api: StockApi) -> Routes {
    routes().with_state(Arc::new(api))
}

/// What is told of the domain's routes.
#[must_use]
pub fn listed() -> Listed {
    routes().listed()
}

fn routes() -> Routes<Arc<StockApi>> {
    pages().nest(PREFIX, data()).nest_undescribed(FORMER_PREFIX, data())
}

fn data() -> Routes<Arc<StockApi>> {
    Routes::new()
        .tag(
            "companies",
            "The companies, and watching them. As the other routes of the data, also under \
            `/stock-prediction-dashboard/api/v1`, where the old front end asks.",
        )
        .tag("prices", "Daily bars and moving averages of companies.")
        .tag("series", "Indicators, time series, candlesticks and correlograms, computed when asked for.")
        .tag("coverage", "Which sessions are there, and where sources differ.")
        .tag("quarantine", "Rows that were not loaded, and deciding about them; bars that were changed.")
        .api(routes!(companies::list, register::register))
        .api(routes!(search::search))
        .api(routes!(companies::one, unwatch::unwatch))
        .api(routes!(bars::bars))
        .api(routes!(averages::averages))
        .api(routes!(export::export))
        .api(routes!(timeseries::time_series))
        .api(routes!(timeseries::candlestick))
        .api(routes!(timeseries::correlogram))
        .api(routes!(indicators::indicators))
        .api(routes!(coverage::list))
        .api(routes!(coverage::one))
        .api(routes!(differences::list))
        .api(routes!(quarantine::list::list))
        .api(routes!(quarantine::list::one))
        .api(routes!(quarantine::decide::accept))
        .api(routes!(quarantine::decide::discard))
        .api(routes!(revisions::list))
}

/// Pages, and beside that of the quarantine where somebody decides about a row.
fn pages() -> Routes<Arc<StockApi>> {
    Routes::new()
        .page("/", pages::home)
        .page("/companies/{stockCode}", pages::company)
        .place("/quarantine", "Quarantine", pages::quarantine)
        .undescribed(&["POST"], "/quarantine/{id}/accept", post(quarantine::decide::accept))
        .undescribed(&["POST"], "/quarantine/{id}/discard", post(quarantine::decide::discard))
}
