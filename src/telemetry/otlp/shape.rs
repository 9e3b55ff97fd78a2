//! From spans as the logs know them to the words of the semantic conventions, on the way out.
//! Source: <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>.

use opentelemetry::{KeyValue, trace::SpanKind};
use opentelemetry_sdk::trace::SpanData;

/// The fields of the span `request`, and what they are called outside.
const REQUEST: [(&str, &str); 3] =
    [("method", "http.request.method"), ("route", "http.route"), ("client", "client.address")];

/// The span as it is sent.
pub fn shaped(mut span: SpanData) -> SpanData {
    if span.name == "request" {
        request(&mut span);
    }
    span
}

fn request(span: &mut SpanData) {
    span.span_kind = SpanKind::Server;
    let value = |name| span.attributes.iter().find(|a| a.key.as_str() == name).map(|a| a.value.as_str().into_owned());
    if let (Some(method), Some(route)) = (value("method"), value("route")) {
        // A route that is none is no name: requests to whatever address would each have one.
        span.name = if route == "unmatched" { method } else { format!("{method} {route}") }.into();
    }
    span.attributes.retain(|a| !(a.key.as_str() == "route" && a.value.as_str() == "unmatched"));
    for attribute in &mut span.attributes {
        match REQUEST.iter().find(|(ours, _)| attribute.key.as_str() == *ours) {
            // The convention's word for a method it does not know.
            Some((_, name)) if attribute.value.as_str() == "other" => *attribute = KeyValue::new(*name, "_OTHER"),
            Some((_, name)) => attribute.key = (*name).into(),
            None => {}
        }
    }
    span.attributes.push(KeyValue::new("url.scheme", "http"));
}
