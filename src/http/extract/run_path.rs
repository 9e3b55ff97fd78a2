//! The run that a path names.

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
    jobs::RunId,
    settings::shown,
    told,
};

/// The `{id}` of `/runs/{id}…`. What is no id names no run: 404.
#[derive(Debug)]
pub struct RunPath(pub RunId);

impl IntoParams for RunPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        in_path::<RunId>("id", "The id of a run.")
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RunPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await.map(|Path(text)| text).unwrap_or_default();
        RunId::parse(&text).map(Self).ok_or_else(|| {
            let text = shown(&text);
            Problem::not_found(told!("there is no run {text}", "実行 {text} はありません"))
        })
    }
}
