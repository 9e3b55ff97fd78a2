//! `GET /metrics`: the series in the text format of Prometheus.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};

use utoipa_axum::routes;

use super::{
    auth::Reader,
    health::Health,
    problem::{Answer, Problem},
    routes::Routes,
};
use crate::metrics::Metrics;

#[derive(Clone)]
pub struct MetricsState {
    pub metrics: Arc<Metrics>,
    pub health: Health,
}

pub fn routes() -> Routes<MetricsState> {
    Routes::new().api(routes!(metrics))
}

/// How the daemon is doing, for Prometheus
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "getMetrics",
    tag = "health",
    responses((status = 200, description = "The series", body = String, content_type = "text/plain"))
)]
async fn metrics(_: Reader, State(state): State<MetricsState>) -> Answer<Response> {
    if let Some(pool) = state.health.database().map(crate::db::Database::pool_state) {
        state.metrics.pool(pool.idle, pool.busy, pool.available, pool.max);
    }
    let text = state.metrics.render().map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
