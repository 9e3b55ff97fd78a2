//! The gate before every route that is not declared open: a handler that forgot to say who may call it is closed
//! all the same.

use std::sync::Arc;

use axum::{extract::Request, middleware::Next, response::Response};

use super::Auth;
use crate::http::{
    problem::{Answer, Problem},
    settings::Scope,
};

/// Lets a request pass that its method permits: reading, or changing, which takes scope `operate` at least.
pub async fn gate(request: Request, next: Next) -> Answer<Response> {
    let auth = request.extensions().get::<Arc<Auth>>().ok_or_else(|| Problem::internal("no rules of access"))?;
    if request.method().is_safe() {
        auth.may_read(request.headers())?;
    } else {
        auth.may_change(Scope::Operate, request.uri(), request.headers())?;
    }
    Ok(next.run(request).await)
}
