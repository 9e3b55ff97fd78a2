//! The domain over HTTP: the currencies there are, and the rates of each, under `/api/v1/fx`. Reads the store only.

mod currencies;
mod rates;

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::{
    clock::Clock,
    db::Database,
    fx::ecb,
    http::{Listed, Routes},
};

/// What the routes need.
struct FxApi {
    database: Database,
    clock: Clock,
}

/// The domain's routes, state applied.
pub fn router(database: Database, clock: Clock) -> Routes {
    routes().with_state(Arc::new(FxApi { database, clock }))
}

/// What is told of the domain's routes.
#[must_use]
pub fn listed() -> Listed {
    routes().listed()
}

fn routes() -> Routes<Arc<FxApi>> {
    Routes::new()
        .tag("rates", "The reference rates of the European Central Bank: units of a currency for one euro.")
        .api(routes!(currencies::currencies))
        .api(routes!(rates::rates))
}

/// What stands before the rows of every answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RatesHead)]
struct Head {
    #[schema(format = DateTime)]
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
