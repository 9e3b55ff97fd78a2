//! The context of traces in and out: callers, ticks, hooks; and how many are recorded.

use serde_json::Value;
use wiremock::ResponseTemplate;

use super::{
    collector::{Collector, Sent},
    world::{WEEK, World},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn parent(trace: &str, flags: &str) -> String {
    format!("traceparent: 00-{trace}-00f067aa0ba902b7-{flags}\r\n")
}

fn own_trace(run: &Value) -> String {
    run["id"].as_str().unwrap().replace('-', "")
}

fn is_run(span: &Sent, run: &Value) -> bool {
    span.name == "run" && span.attribute("run") == run["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_has_a_trace_of_its_own_with_a_link() {
    let collector = Collector::start().await;
    let mut world = World::start(&collector.url(), &[]).await;
    let run = world.run(WEEK, &parent(TRACE, "01")).await;
    let root = collector.until("run", |span| is_run(span, &run)).await;
    let request = collector.until("request", |span| span.name == "POST /jobs/{job}/run").await;
    assert_eq!((root.trace.clone(), root.parent.as_str()), (own_trace(&run), ""));
    assert_eq!(request.trace, TRACE);
    assert_eq!(root.links, [(request.trace, request.id)]);
    world.end().await;
}

#[tokio::test]
async fn malformed_headers_are_as_good_as_none() {
    let collector = Collector::start().await;
    let mut world = World::start(&collector.url(), &[]).await;
    let good = parent(TRACE, "01");
    let bad = [
        good.replace("00-", "ff-"),
        good.replace(TRACE, &"0".repeat(32)),
        good.replace(TRACE, &TRACE.to_uppercase()),
        good.replace("-01\r", "-01-x\r"),
        "traceparent: nonsense\r\n".to_owned(),
        format!("{good}{good}"),
    ];
    for headers in &bad {
        world.run(WEEK, headers).await;
    }
    world.end().await;
    let spans = collector.spans().await;
    let requests: Vec<&Sent> = spans.iter().filter(|span| span.name == "POST /jobs/{job}/run").collect();
    assert_eq!(requests.len(), bad.len());
    assert!(requests.iter().all(|span| span.parent.is_empty() && span.trace != TRACE), "{requests:#?}");
}

#[tokio::test]
async fn a_caller_that_records_nothing_gets_nothing_recorded_and_a_part_is_taken_by_the_run_s_id() {
    let collector = Collector::start().await;
    let mut world = World::start(&collector.url(), &[("DATAINFRA__TELEMETRY__SAMPLE_RATIO", "0")]).await;
    let wait = "Prefer: wait=30\r\n";
    for headers in ["", wait, &format!("{wait}{}", parent(TRACE, "00"))] {
        world.run(WEEK, headers).await;
    }
    world.daemon.get("/jobs").await.unwrap();
    // A caller that records its trace has our part of it.
    let run = world.run(WEEK, &format!("{wait}{}", parent(TRACE, "01"))).await;
    world.end().await;
    let spans = collector.spans().await;
    assert!(spans.iter().any(|span| is_run(span, &run)), "{spans:#?}");
    assert!(spans.iter().all(|span| span.trace == TRACE), "{spans:#?}");
    let log = world.log();
    assert!(log.contains("\"traceId\""), "of what is recorded");
    let ids =
        log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()?["traceId"].as_str().map(str::to_owned));
    assert!(ids.into_iter().all(|id| id == TRACE), "and of nothing else");
}

#[tokio::test]
async fn a_tick_s_run_is_linked_to_it_and_the_hook_that_tells_its_failure_is_in_its_trace() {
    let collector = Collector::start().await;
    let hook = Collector::answering(ResponseTemplate::new(200)).await.0;
    let settings = [
        ("DATAINFRA__ALERTS__OPS__URL", hook.uri()),
        ("DATAINFRA__SOURCES__STOOQ__BASE_URL", "http://127.0.0.1:9".to_owned()),
        ("DATAINFRA__JOBS__STOCK__SCHEDULE", "* * * * * *".to_owned()),
        ("DATAINFRA__JOBS__STOCK__OVERLAP", "skip".to_owned()),
        ("DATAINFRA__SOURCES__STOOQ__TIMEOUT", "1s".to_owned()),
    ];
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut world = World::start(&collector.url(), &settings).await;
    let sent = collector.until("delivery", |span| span.name == "POST" && span.attribute("hook") == "ops").await;
    let root = collector.until("run", |span| span.name == "run" && span.trace == sent.trace).await;
    let alert = collector.until("alert", |span| span.name == "alert" && span.id == sent.parent).await;
    assert_eq!((&alert.trace, &alert.parent), (&root.trace, &root.id));
    assert_eq!((root.attribute("trigger"), root.attribute("state")), ("schedule", "failed"));
    assert!(root.error.as_deref().unwrap().contains("tasks failed"), "{root:#?}");
    let [(trace, tick)] = root.links.as_slice() else { panic!("{root:#?}") };
    let ticks = collector.until("ticks", |span| span.name == "ticks" && span.id == *tick).await;
    assert_eq!((&ticks.trace, ticks.parent.as_str()), (trace, ""));
    for name in ["task", "fetch", "GET"] {
        let span = collector.until(name, |span| span.name == name && span.trace == root.trace).await;
        assert!(span.error.is_some_and(|error| !error.is_empty()), "{name}");
    }
    let told = &hook.received_requests().await.unwrap()[0];
    let expected = format!("00-{}-{}-01", sent.trace, sent.id);
    assert_eq!(told.headers["traceparent"].to_str().unwrap(), expected);
    world.end().await;
}
