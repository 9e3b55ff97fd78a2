//! The domain over HTTP: the currencies there are, and the rates of each, under `/api/v1/fx`. Reads the store only.

mod currencies;
mod rates;

use std::sync::Arc;

use axum::{Router, routing::get};
use serde::Serialize;

use crate::{clock::Clock, db::Database, fx::ecb};

/// What the routes need.
struct FxApi {
    database: Database,
    clock: Clock,
}

/// The domain's routes, state applied.
pub fn router(database: Database, clock: Clock) -> Router {
    Router::new()
        .route("/api/v1/fx", get(currencies::currencies))
        .route("/api/v1/fx/{currency}", get(rates::rates))
        .with_state(Arc::new(FxApi { database, clock }))
}

/// What stands before the rows of every answer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    timestamp: String,
    /// What one of is worth the rates.
    base: &'static str,
    source: &'static str,
    licence_note: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
}

impl Head {
    fn new(timestamp: String) -> Self {
        Self { timestamp, base: "EUR", source: ecb::NAME, licence_note: ecb::LICENCE_NOTE, currency: None }
    }
}
