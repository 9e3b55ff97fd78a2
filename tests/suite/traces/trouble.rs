//! A collector that does not do its work costs nobody anything but spans.

use std::time::{Duration, Instant};

use wiremock::ResponseTemplate;

use super::{
    collector::Collector,
    world::{WEEK, World},
};

fn counted(metrics: &str, outcome: &str) -> u64 {
    let name = format!("datainfra_spans_{outcome}_total ");
    metrics.lines().find_map(|line| line.strip_prefix(&name)).expect("from the start").parse().unwrap()
}

/// Runs go on as ever; what is lost is counted, and told once.
async fn loses_spans_and_nothing_else(collector: &str) {
    let settings = [("DATAINFRA__TELEMETRY__TIMEOUT", "1s")];
    let mut world = World::start(collector, &settings).await;
    for _ in 0..2 {
        let started = Instant::now();
        let run = world.run(WEEK, "Prefer: wait=30\r\n").await;
        assert_eq!(run["state"], "succeeded", "{run}");
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
        let before = counted(&world.daemon.get("/metrics").await.unwrap().1, "dropped");
        world.daemon.until("/metrics", |_, body| counted(body, "dropped") > before).await;
    }
    assert_eq!(counted(&world.daemon.get("/metrics").await.unwrap().1, "exported"), 0);
    // Something to send at the very end.
    world.daemon.get("/jobs").await.unwrap();
    let started = Instant::now();
    world.end().await;
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    let log = world.log();
    assert_eq!(log.matches("spans are dropped").count(), 1, "{log}");
}

#[tokio::test]
async fn a_collector_that_is_away() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    loses_spans_and_nothing_else(&format!("http://{closed}")).await;
}

#[tokio::test]
async fn a_collector_that_never_answers() {
    let answer = ResponseTemplate::new(200).set_delay(Duration::from_secs(600));
    loses_spans_and_nothing_else(&Collector::answering(answer).await.url()).await;
}

#[tokio::test]
async fn a_collector_that_is_overloaded() {
    let answer = ResponseTemplate::new(503).insert_header("Retry-After", "1");
    let collector = Collector::answering(answer).await;
    loses_spans_and_nothing_else(&collector.url()).await;
    let sent = collector.0.received_requests().await.unwrap();
    assert!(sent.len() > 2 && sent[0].body == sent[1].body, "the same batch is sent again");
}

#[tokio::test]
async fn a_collector_that_turns_us_away_is_asked_once_for_each_batch() {
    let collector = Collector::answering(ResponseTemplate::new(401)).await;
    loses_spans_and_nothing_else(&collector.url()).await;
    let sent = collector.0.received_requests().await.unwrap();
    assert!(sent.windows(2).all(|two| two[0].body != two[1].body));
}

#[tokio::test]
async fn garbage_is_taken_for_the_status_it_comes_with_and_what_is_turned_down_is_counted() {
    let garbage = Collector::answering(ResponseTemplate::new(200).set_body_string("<html>株")).await;
    // partial_success { rejected_spans: 1 }
    let partial = Collector::answering(ResponseTemplate::new(200).set_body_bytes([0x0a, 0x02, 0x08, 0x01])).await;
    for (collector, turned_down) in [(garbage, false), (partial, true)] {
        let mut world = World::start(&collector.url(), &[]).await;
        world.run(WEEK, "Prefer: wait=30\r\n").await;
        let metrics = world.daemon.until("/metrics", |_, body| counted(body, "exported") > 0).await;
        assert_eq!(counted(&metrics, "dropped") > 0, turned_down, "{metrics}");
        world.end().await;
    }
}

#[tokio::test]
async fn without_an_endpoint_nobody_is_asked_and_no_line_has_a_trace() {
    let collector = Collector::start().await;
    let parent = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
    let mut world = World::start("", &[("DATAINFRA__TELEMETRY__HEADERS", "api-key=x")]).await;
    let run = world.run(WEEK, &format!("Prefer: wait=30\r\n{parent}")).await;
    assert_eq!(run["state"], "succeeded");
    let metrics = world.daemon.get("/metrics").await.unwrap().1;
    assert_eq!((counted(&metrics, "exported"), counted(&metrics, "dropped")), (0, 0));
    world.end().await;
    assert!(collector.requests().await.is_empty());
    let log = world.log();
    assert!(log.contains("task done") && !log.contains("traceId") && !log.contains("traces are sent"), "{log}");
}
