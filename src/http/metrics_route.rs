//! `GET /metrics`: the series in the text format of Prometheus.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};

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
    Routes::guarded().get("/metrics", metrics)
}

async fn metrics(_: Reader, State(state): State<MetricsState>) -> Answer<Response> {
    if let Some(pool) = state.health.database().map(crate::db::Database::pool_state) {
        state.metrics.pool(pool.idle, pool.busy);
    }
    let text = state.metrics.render().map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
