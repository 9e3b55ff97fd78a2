//! What a handler declares about its callers: each takes one of these as its first argument.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};

use super::Auth;
use crate::{
    audit::Actor,
    http::{
        frame::RequestId,
        problem::{Answer, Problem},
        settings::Scope,
    },
};

/// The caller may read. Every reading handler takes it.
#[derive(Clone, Copy, Debug)]
pub struct Reader(());

/// The caller may read what only administrators see: where there are tokens, one of scope `admin` is needed.
#[derive(Clone, Copy, Debug)]
pub struct AdminReader(());

/// The caller may run, cancel, retry, pause and resume, and this is who it is.
#[derive(Clone, Debug)]
pub struct Operator(pub Actor);

/// The caller may change data and configuration, and this is who it is.
#[derive(Clone, Debug)]
pub struct Admin(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        auth(parts)?.may_read(&parts.headers).map(|()| Self(()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AdminReader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        auth(parts)?.may_read_all(&parts.headers).map(|()| Self(()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        actor(parts, Scope::Operate).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        actor(parts, Scope::Admin).map(Self)
    }
}

fn actor(parts: &Parts, needed: Scope) -> Answer<Actor> {
    let name = auth(parts)?.may_change(needed, &parts.uri, &parts.headers)?;
    let request_id = parts.extensions.get::<RequestId>().map(|id| id.as_str().to_owned());
    Ok(Actor::http(name, request_id))
}

fn auth(parts: &Parts) -> Answer<&Auth> {
    let found = parts.extensions.get::<Arc<Auth>>();
    found
        .map(AsRef::as_ref)
        .ok_or_else(|| Problem::internal("a route stands outside the root router: no rules of access"))
}
