//! A collector of traces that understands what it is sent.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use prost::Message as _;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

pub struct Collector(pub MockServer);

/// A span as it was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub name: String,
    pub trace: String,
    pub id: String,
    /// Empty for the first of a trace.
    pub parent: String,
    pub kind: SpanKind,
    pub attributes: BTreeMap<String, String>,
    /// Traces and spans.
    pub links: Vec<(String, String)>,
    /// The description of an error.
    pub error: Option<String>,
}

impl Collector {
    /// One that takes everything.
    pub async fn start() -> Self {
        Self::answering(ResponseTemplate::new(200)).await
    }

    pub async fn answering(answer: ResponseTemplate) -> Self {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(answer).mount(&server).await;
        Self(server)
    }

    pub fn url(&self) -> String {
        self.0.uri()
    }

    /// Everything that was sent so far.
    pub async fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        let requests = self.0.received_requests().await.unwrap();
        let decode = |request: &wiremock::Request| {
            assert_eq!(request.url.path(), "/v1/traces");
            assert_eq!(request.headers["content-type"], "application/x-protobuf");
            ExportTraceServiceRequest::decode(request.body.as_slice()).unwrap()
        };
        requests.iter().map(decode).collect()
    }

    pub async fn spans(&self) -> Vec<Sent> {
        let resources = self.requests().await.into_iter().flat_map(|request| request.resource_spans);
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).map(sent).collect()
    }

    /// What is known of the sender.
    pub async fn resource(&self) -> BTreeMap<String, String> {
        let request = self.requests().await.into_iter().next().unwrap();
        texts(&request.resource_spans[0].resource.as_ref().unwrap().attributes)
    }

    /// The first span that is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Sent) -> bool) -> Sent {
        let started = Instant::now();
        loop {
            let spans = self.spans().await;
            if let Some(found) = spans.iter().find(|span| wanted(span)) {
                return found.clone();
            }
            assert!(started.elapsed() < Duration::from_secs(60), "no {what} among {spans:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Sent {
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).unwrap_or_else(|| panic!("no {name}: {self:#?}"))
    }
}

/// The one span with this name.
pub fn one<'a>(spans: &'a [Sent], name: &str) -> &'a Sent {
    let found: Vec<&Sent> = spans.iter().filter(|span| span.name == name).collect();
    assert_eq!(found.len(), 1, "{name} among {spans:#?}");
    found[0]
}

fn sent(span: Span) -> Sent {
    let status = span.status.clone().unwrap_or_default();
    Sent {
        kind: span.kind(),
        name: span.name,
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        attributes: texts(&span.attributes),
        links: span.links.iter().map(|link| (hex(&link.trace_id), hex(&link.span_id))).collect(),
        error: (status.code() == StatusCode::Error).then_some(status.message),
    }
}

fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |attribute: &KeyValue| match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    attributes.iter().map(|attribute| (attribute.key.clone(), text(attribute))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
