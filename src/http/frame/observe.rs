//! One span and one observation for each request, and its failure completed.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;
use tracing::{Instrument as _, Span, field};

use super::{
    Frame, Peer,
    request_id::{self, RequestId},
};
use crate::{
    http::{page::wants_html, problem},
    telemetry::trace::{self, TraceContext},
    told::Language,
};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Who asks: an extension of every request whose peer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client(pub IpAddr);

/// Labels come from closed sets: the route is its template, and strange methods are one.
pub async fn observe(State(frame): State<Arc<Frame>>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let (html, language) = (wants_html(request.headers()), Language::of(request.headers()));
    // Handlers that write down who changed what name the request by it.
    request.extensions_mut().insert(id.clone());
    let peer = request.extensions().get::<Peer>().copied();
    let client = peer.map(|peer| Client(frame.proxies.client(peer, request.headers())));
    if let Some(client) = client {
        request.extensions_mut().insert(client);
    }
    let started = Instant::now();
    let span = tracing::info_span!(
        "request",
        method,
        route,
        request_id = id.as_str(),
        client = client.map(|client| field::display(client.0))
    );
    if let Some(context) = given(request.headers()) {
        trace::adopt(&span, &context);
    }
    trace::text(&span, "url.path", request.uri().path());
    async {
        let mut response = problem::finish(next.run(request).await, id.as_str(), html, language).await;
        if matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            // Method, route and request id stand in the span; what was sent as a token stands nowhere.
            tracing::warn!(status = response.status().as_u16(), "a caller without the right to it was refused");
        }
        let (status, duration) = (response.status().as_u16(), started.elapsed());
        trace::number(&Span::current(), "http.response.status_code", status.into());
        if status >= 500 {
            trace::failed(&Span::current(), "");
        }
        frame.metrics.http_request(method, &route, status, duration);
        tracing::debug!(status, duration_ms = duration.as_millis(), "answered");
        response.headers_mut().insert(request_id::HEADER, id.header());
        response
    }
    .instrument(span)
    .await
}

/// The trace that the caller is in. Of two headers neither counts, as the recommendation has it.
fn given(headers: &HeaderMap) -> Option<TraceContext> {
    let mut parents = headers.get_all(TRACEPARENT).iter();
    let (parent, None) = (parents.next()?.to_str().ok()?, parents.next()) else { return None };
    let states: Vec<&str> = headers.get_all(TRACESTATE).iter().filter_map(|state| state.to_str().ok()).collect();
    TraceContext::parse(parent.trim(), Some(&states.join(",")))
}

fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
