//! What a request that fails is told: RFC 9457 `application/problem+json`, with the members `status` and `message`
//! that older clients read. For a browser the same as a page. In English or Japanese: a message is a [`Told`], and nothing
//! else can be one.

mod document;
mod finish;
mod language;

use std::fmt::Display;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

use super::settings::Scope;
use crate::{
    db::{DbError, is_unavailable},
    told,
    told::Told,
};

pub(super) use finish::finish;

/// What a handler gives.
pub type Answer<T> = Result<T, Problem>;

/// A failed request. It carries no detail that only the log may have.
#[derive(Clone, Debug)]
pub struct Problem(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    status: StatusCode,
    detail: Told,
    errors: Vec<ParamError>,
    /// Members beside those of the RFC.
    members: Map<String, Value>,
    headers: HeaderMap,
}

/// One parameter and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ParamError {
    param: String,
    message: Told,
}

impl Problem {
    /// A problem without particulars.
    pub fn new(status: StatusCode, detail: impl Into<Told>) -> Self {
        Self(Box::new(Inner {
            status,
            detail: detail.into(),
            errors: Vec::new(),
            members: Map::new(),
            headers: HeaderMap::new(),
        }))
    }

    /// 404.
    pub fn not_found(message: impl Into<Told>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 400, naming the parameter or header.
    pub fn bad_request(param: &str, message: impl Into<Told>) -> Self {
        Self::naming(StatusCode::BAD_REQUEST, vec![(param.to_owned(), message.into())])
    }

    /// 422, naming every member that cannot be.
    #[must_use]
    pub fn unprocessable<M: Into<Told>>(errors: Vec<(String, M)>) -> Self {
        let errors = errors.into_iter().map(|(param, message)| (param, message.into())).collect();
        Self::naming(StatusCode::UNPROCESSABLE_ENTITY, errors)
    }

    /// 409, with a link to what stands in the way.
    pub fn conflict(message: impl Into<Told>, link: Option<String>) -> Self {
        let problem = Self::new(StatusCode::CONFLICT, message);
        let Some(link) = link else { return problem };
        let header = HeaderValue::try_from(format!("<{link}>; rel=\"related\""));
        let problem = problem.with("link", link);
        match header {
            Ok(value) => problem.with_header(header::LINK, value),
            Err(_) => problem,
        }
    }

    /// 401.
    #[must_use]
    pub fn unauthorized() -> Self {
        let message = told!(
            "this needs a valid token: send \"Authorization: Bearer <token>\"",
            "有効なトークンが必要です。\"Authorization: Bearer <token>\" を送ってください"
        );
        Self::new(StatusCode::UNAUTHORIZED, message)
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"data-infrastructure\""))
    }

    /// 403 for a token that may not do this (RFC 6750, 3.1).
    #[must_use]
    pub fn insufficient_scope(needed: Scope) -> Self {
        let challenge = match needed {
            Scope::Read => "Bearer error=\"insufficient_scope\", scope=\"read\"",
            Scope::Operate => "Bearer error=\"insufficient_scope\", scope=\"operate\"",
            Scope::Admin => "Bearer error=\"insufficient_scope\", scope=\"admin\"",
        };
        let scope = needed.as_str();
        let message = told!(
            "this needs a token of scope {scope}, and the one sent has less",
            "スコープ {scope} のトークンが必要です。送られたトークンでは足りません"
        );
        Self::forbidden(message).with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    /// 403.
    pub fn forbidden(message: impl Into<Told>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 503, worth trying again in some seconds.
    pub fn unavailable(message: impl Into<Told>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("5"))
    }

    /// 500. The error goes to the log, and only there.
    pub fn internal(error: impl Display) -> Self {
        tracing::error!(error = format!("{error:#}"), "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            told!(
                "something went wrong here; the log tells what, under the request id",
                "サーバー内部で問題が起きました。詳細はリクエスト ID でログを見てください"
            ),
        )
    }

    /// Adds a member beside those of the RFC.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(member.to_owned(), value.into());
        self
    }

    #[must_use]
    pub fn with_header(mut self, name: header::HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// Its detail, for tests.
    #[cfg(test)]
    pub fn told_in(&self, language: crate::told::Language) -> String {
        self.0.detail.in_language(language).to_owned()
    }

    /// The parameters it names, for tests.
    #[cfg(test)]
    pub fn params(&self) -> Vec<String> {
        self.0.errors.iter().map(|error| error.param.clone()).collect()
    }

    fn naming(status: StatusCode, errors: Vec<(String, Told)>) -> Self {
        let detail = Told::joined(&errors, |(param, message), language| named(param, message.in_language(language)));
        let mut problem = Self::new(status, detail);
        problem.0.errors = errors.into_iter().map(|(param, message)| ParamError { param, message }).collect();
        problem
    }
}

/// A message with the parameter it is about, which some begin with themselves.
fn named(param: &str, message: &str) -> String {
    let begins = message.strip_prefix(param).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
    if begins { message.to_owned() } else { format!("{param}: {message}") }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        if !is_unavailable(&error) {
            return Self::internal(format!("database: {error}"));
        }
        tracing::warn!(%error, "the database did not answer a request");
        Self::unavailable(told!("the database does not answer at the moment", "データベースが現在応答しません"))
    }
}
