//! A build without Parquet and Arrow: they are refused, and nothing is kept.

use axum::{Router, body::Body, response::Response};
use serde::Serialize;

use super::{caching::Tag, column::Table, format::Format, reply::Names};
use crate::http::problem::Answer;

/// No files.
#[derive(Clone, Debug, Default)]
pub struct Files(());

impl Files {
    /// The router as it is.
    pub fn around(self, router: Router) -> Router {
        router
    }
}

pub async fn parquet(_: &Tag, _: &Names<'_>, _: &impl Serialize, _: Table) -> Answer<Response> {
    std::future::ready(Err(Format::Parquet.no_list())).await
}

pub fn arrow(_: &impl Serialize, _: Table) -> Answer<Body> {
    Err(Format::Arrow.no_list())
}
