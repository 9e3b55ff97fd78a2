//! `POST /quarantine/{id}/accept` and `/discard`.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;

use super::{path::RowInPath, wire::QuarantineRow};
use crate::{
    audit::Actor,
    http::{Answer, Body, NoParams, Operator, Problem, json, plain_text},
    stock::{
        api::StockApi,
        loading::{DecideError, decide},
        store::quarantine::Decision,
    },
};

/// The longest note.
const LONGEST: usize = 1000;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    #[serde(default)]
    note: String,
}

/// 200 with the row, also when it is accepted already; 404 when there is none; 409 when it was discarded or does not
/// join the series; 422 when there is no bar in it.
pub(in crate::stock::api) async fn accept(
    Operator(actor): Operator,
    State(api): State<Arc<StockApi>>,
    RowInPath(id): RowInPath,
    _: NoParams,
    body: Body,
) -> Answer<Json<QuarantineRow>> {
    take(&api, &id, Decision::Accept, &actor, &body).await
}

/// 200 with the row, also when it is discarded already; 404 when there is none; 409 when it was accepted.
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
            | DecideError::NoCompany => StatusCode::CONFLICT,
        };
        Self::new(status, error)
    }
}
