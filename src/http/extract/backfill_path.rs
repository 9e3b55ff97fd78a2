//! The backfill that a path names.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use crate::{
    http::{
        openapi::in_path,
        problem::{Answer, Problem},
    },
    jobs::BackfillId,
    settings::shown,
    told,
};

/// The `{id}` of `/backfills/{id}…`. What is no id names no backfill: 404.
#[derive(Debug)]
pub struct BackfillPath(pub BackfillId);

impl IntoParams for BackfillPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        in_path::<BackfillId>("id", "The id of a backfill.")
    }
}

impl<S: Send + Sync> FromRequestParts<S> for BackfillPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await.map(|Path(text)| text).unwrap_or_default();
        BackfillId::parse(&text).map(Self).ok_or_else(|| {
            let text = shown(&text);
            Problem::not_found(told!("there is no backfill {text}", "バックフィル {text} はありません"))
        })
    }
}
