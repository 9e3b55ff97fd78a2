//! The spans of a run, and how they hang together.

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use super::{
    collector::{Collector, Sent, one},
    world::{WEEK, World, command, source},
};
use crate::{daemon::text, support::on_both_databases};

const CALLER: (&str, &str) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");

on_both_databases!(a_run_that_is_waited_for_is_one_tree_in_its_caller_s_trace, |store: TestStore| async {
    let collector = Collector::start().await;
    let mut world = World::start(
        &collector.url(),
        &[
            ("DATABASE_URL", &store.url),
            ("DATAINFRA__TELEMETRY__HEADERS", "api-key=geheim"),
            ("OTEL_SERVICE_NAME", "prices"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
        ],
    )
    .await;
    let (trace, caller) = CALLER;
    let headers = format!("Prefer: wait=30\r\ntraceparent: 00-{trace}-{caller}-01\r\ntracestate: vendor=x\r\n");
    let run = world.run(WEEK, &headers).await;
    assert_eq!(run["state"], "succeeded", "{run}");
    world.daemon.get("/metrics").await.unwrap();
    world.daemon.get("/jobs/stock?last=1").await.unwrap();
    // The last span ended a moment ago: the end of the process does not lose it.
    world.end().await;

    let spans = collector.spans().await;
    let request = one(&spans, "POST /jobs/{job}/run");
    assert_eq!((request.trace.as_str(), request.parent.as_str()), CALLER);
    assert_eq!(request.kind, SpanKind::Server);
    assert_eq!(request.attribute("http.request.method"), "POST");
    assert_eq!(request.attribute("http.route"), "/jobs/{job}/run");
    assert_eq!(request.attribute("http.response.status_code"), "200");
    assert_eq!(request.attribute("url.path"), "/jobs/stock/run");

    let root = one(&spans, "run");
    assert_eq!((&root.trace, &root.parent), (&request.trace, &request.id));
    for (name, value) in [
        ("job", "stock"),
        ("run", run["id"].as_str().unwrap()),
        ("trigger", "manual"),
        ("state", "succeeded"),
        ("rows.inserted", "5"),
    ] {
        assert_eq!(root.attribute(name), value, "{root:#?}");
    }
    below_the_run(&spans);
    asked(&spans);
    let sent = world.source.received_requests().await.unwrap();
    assert!(sent.iter().all(|r| !r.headers.contains_key("traceparent") && !r.headers.contains_key("tracestate")));

    assert!(spans.iter().any(|span| span.name == "GET /jobs/{job}"), "flushed at the end: {spans:#?}");
    assert!(spans.iter().all(|span| !span.name.contains("readyz") && !span.name.contains("metrics")), "{spans:#?}");
    let resource = collector.resource().await;
    assert_eq!(
        (resource["service.name"].as_str(), resource["deployment.environment.name"].as_str()),
        ("prices", "test")
    );
    assert!(resource.contains_key("service.version") && resource.contains_key("service.instance.id"));
    let received = collector.0.received_requests().await.unwrap();
    assert!(received.iter().all(|request| request.headers["api-key"] == "geheim"));
    logged(&world.log(), &spans);
});

/// Which span is below which, all of them without an error.
fn below_the_run(spans: &[Sent]) {
    for (parent, child) in [
        ("run", "plan"),
        ("run", "task"),
        ("task", "fetch"),
        ("fetch", "GET"),
        ("fetch", "parse"),
        ("task", "load"),
        ("load", "indicators"),
        ("task", "commit"),
    ] {
        let (parent, child) = (one(spans, parent), one(spans, child));
        assert_eq!((&child.trace, &child.parent), (&parent.trace, &parent.id), "{child:#?} below {parent:#?}");
        assert_eq!(child.error, None, "{child:#?}");
    }
}

/// What the source was asked, without the key that was sent.
fn asked(spans: &[Sent]) {
    let (fetch, get, task) = (one(spans, "fetch"), one(spans, "GET"), one(spans, "task"));
    assert_eq!((fetch.attribute("source"), fetch.attribute("outcome")), ("stooq", "data"));
    assert_eq!((task.attribute("key"), task.attribute("source")), ("7203", "stooq"));
    assert_eq!(get.kind, SpanKind::Client);
    assert_eq!(get.attribute("http.request.method"), "GET");
    assert_eq!(get.attribute("http.response.status_code"), "200");
    assert_eq!(get.attribute("server.address"), "127.0.0.1");
    let url = get.attribute("url.full");
    assert!(url.contains("s=7203.jp") && !format!("{spans:?}").contains("geheim"), "{url}");
}

/// The lines of the run name its trace, and no span that is for traces alone.
fn logged(log: &str, spans: &[Sent]) {
    let line = log.lines().find(|line| line.contains("\"task done\"")).unwrap_or_else(|| panic!("{log}"));
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let task = one(spans, "task");
    assert_eq!((&line["traceId"], &line["spanId"]), (&task.trace.as_str().into(), &task.id.as_str().into()), "{line}");
    assert_eq!(line["spans"], serde_json::json!(["run", "task"]));
}

#[tokio::test]
async fn a_run_from_the_command_line_sends_its_trace_before_it_ends() {
    let (collector, source, folder) = (Collector::start().await, source().await, tempfile::tempdir().unwrap());
    let arguments = ["run", "stock", "--company", "7203", "--from", "2020-01-06", "--to", "2020-01-10"];
    let mut command = command(folder.path(), &collector.url(), &source.uri());
    command.args(arguments);
    // The collector and the source answer meanwhile.
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let spans = collector.spans().await;
    let root = one(&spans, "run");
    assert_eq!((root.parent.as_str(), root.attribute("trigger")), ("", "cli"));
    assert_eq!(root.trace, root.attribute("run").replace('-', ""), "the trace of a run has its id");
    assert_eq!(one(&spans, "indicators").trace, root.trace);
}
