//! `POST /quarantine/{id}/accept` and `/discard`.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{path::RowInPath, wire::QuarantineRow};
use crate::{
    audit::Actor,
    http::{Answer, Body, NoParams, Operator, Problem, json, openapi::schema::Note, plain_text},
    stock::{
        api::StockApi,
        loading::{DecideError, decide},
        store::quarantine::Decision,
    },
};

/// The longest note.
const LONGEST: usize = 1000;

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Decision, example = json!({"note": "checked with the exchange"}))]
struct Wish {
    /// Why.
    #[serde(default)]
    #[schema(value_type = Note, required = false)]
    note: String,
}

/// Loads a row of the quarantine
///
/// As a correction by hand; its averages are computed anew. Also 200 when it is accepted already.
#[utoipa::path(
    post,
    path = "/quarantine/{id}/accept",
    operation_id = "acceptRow",
    tag = "quarantine",
    params(RowInPath),
    request_body = Option<Wish>,
    responses(
        (status = 200, description = "The row", body = QuarantineRow),
        (status = 404, description = "There is no such row."),
        (status = 409, description = "It was discarded, or does not join the series."),
        (status = 422)
    )
)]
pub(in crate::stock::api) async fn accept(
    Operator(actor): Operator,
    State(api): State<Arc<StockApi>>,
    RowInPath(id): RowInPath,
    _: NoParams,
    body: Body,
) -> Answer<Json<QuarantineRow>> {
    take(&api, &id, Decision::Accept, &actor, &body).await
}

/// Keeps a row of the quarantine out for good
///
/// Also 200 when it is discarded already.
#[utoipa::path(
    post,
    path = "/quarantine/{id}/discard",
    operation_id = "discardRow",
    tag = "quarantine",
    params(RowInPath),
    request_body = Option<Wish>,
    responses(
        (status = 200, description = "The row", body = QuarantineRow),
        (status = 404, description = "There is no such row."),
        (status = 409, description = "It was accepted."),
        (status = 422)
    )
)]
pub(in crate::stock::api) async fn discard(
    Operator(actor): Operator,
    State(api): State<Arc<StockApi>>,
    RowInPath(id): RowInPath,
    _: NoParams,
    body: Body,
) -> Answer<Json<QuarantineRow>> {
    take(&api, &id, Decision::Discard, &actor, &body).await
}

async fn take(api: &StockApi, id: &str, decision: Decision, actor: &Actor, body: &Body) -> Answer<Json<QuarantineRow>> {
    let note = note(body)?;
    let transaction = api.database.begin().await?;
    let row = decide(&transaction, id, decision, actor, &note, api.clock.now()).await?;
    transaction.commit().await?;
    tracing::info!(id, action = decision.action(), actor = actor.name, "somebody decided about a quarantined row");
    Ok(Json(QuarantineRow::from(row)))
}

fn note(Body(bytes): &Body) -> Answer<String> {
    let wish: Wish = match bytes.as_ref() {
        [] => Wish::default(),
        bytes => json(bytes)?,
    };
    let wrong = |reason| Problem::unprocessable(vec![("note".to_owned(), reason)]);
    plain_text(&wish.note, LONGEST).map(|()| wish.note).map_err(wrong)
}

impl From<DecideError> for Problem {
    fn from(error: DecideError) -> Self {
        let status = match error {
            DecideError::Database(error) => return error.into(),
            DecideError::Unknown(_) => StatusCode::NOT_FOUND,
            DecideError::Unreadable | DecideError::Impossible(_) => StatusCode::UNPROCESSABLE_ENTITY,
            DecideError::Decided(_)
            | DecideError::NotFinal(_)
            | DecideError::Rebased(_)
            | DecideError::Basis(_)
            | DecideError::Unsettled
            | DecideError::NoCompany => StatusCode::CONFLICT,
        };
        Self::new(status, error)
    }
}
