//! What a handler declares about its callers: each takes one of these as its first argument.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};

use super::Auth;
use crate::http::problem::{Answer, Problem};

/// The caller may change something. Every changing handler takes it.
#[derive(Clone, Copy, Debug)]
pub struct Authorized(());

/// The caller may read. Every reading handler takes it.
#[derive(Clone, Copy, Debug)]
pub struct Reader(());

impl<S: Send + Sync> FromRequestParts<S> for Authorized {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        auth(parts)?.may_change(&parts.uri, &parts.headers).map(|()| Self(()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        auth(parts)?.may_read(&parts.headers).map(|()| Self(()))
    }
}

fn auth(parts: &Parts) -> Answer<&Auth> {
    let found = parts.extensions.get::<Arc<Auth>>();
    found
        .map(AsRef::as_ref)
        .ok_or_else(|| Problem::internal("a route stands outside the root router: no rules of access"))
}
