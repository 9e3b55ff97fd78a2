//! The row that a path names.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use uuid::Uuid;

use crate::{
    http::{Answer, Problem},
    settings::shown,
    told,
};

/// The `{id}` of `/quarantine/{id}…`. What is no id names no row: 404.
pub(in crate::stock::api) struct RowInPath(pub String);

impl<S: Send + Sync> FromRequestParts<S> for RowInPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await.map(|Path(text)| text).unwrap_or_default();
        Uuid::try_parse(&text).map(|id| Self(id.to_string())).map_err(|_| unknown(&text))
    }
}

pub(super) fn unknown(id: &str) -> Problem {
    let id = shown(id);
    Problem::not_found(told!(
        "there is no row {id} in the quarantine; /api/v1/quarantine lists those there are",
        "隔離された行 {id} はありません。一覧は /api/v1/quarantine で見られます"
    ))
}
