//! `POST /sources/{source}/reset`: the breaker is closed by hand, for all replicas.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::json;

use super::{SourceInPath, SourcesState, wire::SourceJson};
use crate::{
    audit::{self, Change},
    crawl::store::states::{self, StoredState},
    http::{auth::Operator, extract::NoParams, problem::Answer},
};

/// Closes the breaker of a source by hand, for all replicas
///
/// Pace and the count of the day stay. Doing it twice is doing it once.
#[utoipa::path(
    post,
    path = "/sources/{source}/reset",
    operation_id = "resetSource",
    tag = "sources",
    params(SourceInPath),
    responses(
        (status = 200, description = "The source", body = SourceJson),
        (status = 404, description = "There is no such source.")
    )
)]
pub async fn reset(
    Operator(actor): Operator,
    State(state): State<SourcesState>,
    Path(source): Path<String>,
    _: NoParams,
) -> Answer<Json<SourceJson>> {
    let before = state.find(&source).await?;
    let transaction = state.database.begin().await?;
    let stored = states::lock(&transaction, &source).await?;
    if let Some(stored) = stored.filter(can_be_reset) {
        states::reset(&transaction, &source).await?;
        audit::store::record(&transaction, &actor, &change(&source, &stored)).await?;
        transaction.commit().await?;
        tracing::info!(source, was = before.state, actor = actor.name, "the breaker of the source was reset");
    }
    Ok(Json(state.find(&source).await?.into()))
}

fn can_be_reset(stored: &StoredState) -> bool {
    stored.open_until().is_some() || stored.failures > 0 || stored.blocks > 0
}

fn change<'a>(source: &'a str, stored: &StoredState) -> Change<'a> {
    let (until, reason) = (stored.open_until(), &stored.reason);
    Change {
        action: "source.reset",
        subject: source,
        before: Some(json!({
            "closedUntil": until,
            "reason": until.map(|_| reason),
            "failures": stored.failures,
            "blocks": stored.blocks,
        })),
        after: Some(json!({"closedUntil": null, "reason": null, "failures": 0, "blocks": 0})),
        note: "",
    }
}
