//! Server-sent events: whole, in order, and over when the run is or the daemon ends.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::Request,
};
use futures_util::StreamExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::world::{Options, World};
use crate::support::{TestStore, on_both_databases};

/// Names and data of the events in a stream's text.
fn events(text: &str) -> Vec<(String, Value)> {
    let event = |block: &str| {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        Some((field("event:")?.to_owned(), serde_json::from_str(field("data:")?).unwrap()))
    };
    text.split("\n\n").filter_map(event).collect()
}

async fn open(world: &World, run: &str) -> BodyDataStream {
    let request = Request::get(format!("{run}/events")).body(Body::empty()).unwrap();
    world.router.clone().oneshot(request).await.unwrap().into_body().into_data_stream()
}

async fn next(stream: &mut BodyDataStream) -> Option<String> {
    let chunk = tokio::time::timeout(Duration::from_secs(20), stream.next()).await.unwrap()?;
    Some(String::from_utf8(chunk.unwrap().to_vec()).unwrap())
}

on_both_databases!(a_finished_run_is_told_whole_and_the_stream_ends, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let run = world.run_to_its_end(r#"{"companies":["1001","bad"]}"#).await;
    let path = run["links"]["events"].as_str().unwrap();
    let reply = world.get(path).await;
    assert_eq!(reply.header("content-type"), "text/event-stream");
    let events = events(&reply.text);
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["task", "task", "progress", "state"]);
    assert_eq!(events[1].1["error"], "no <good>");
    assert_eq!((&events[2].1["done"], &events[2].1["failed"]), (&1.into(), &1.into()));
    assert_eq!(events[3].1["state"], "partial");
    let again = world.send("GET", path, &[("last-event-id", "final")], "").await;
    assert_eq!(again.status, 204, "a browser that reconnects is told to stop");
});

on_both_databases!(a_run_is_followed_from_its_start_to_its_end, |store: TestStore| async {
    let world = World::new(&store, Options { permits: 0, ..Options::default() }).await;
    let run = world.start("").await;
    let mut stream = open(&world, &run).await;
    let mut text = next(&mut stream).await.unwrap();
    // Somebody listens before the first task may go on.
    world.permits.add_permits(2);
    while let Some(more) = next(&mut stream).await {
        text.push_str(&more);
    }
    let events = events(&text);
    assert_eq!(events[0].0, "state", "{events:?}");
    assert_eq!(events.last().map(|(name, data)| (name.as_str(), &data["state"])), Some(("state", &"succeeded".into())));
    for key in ["1001", "1002"] {
        let of_key = |(name, data): &&(String, Value)| name == "task" && data["key"] == key;
        assert_eq!(events.iter().rfind(of_key).unwrap().1["state"], "succeeded");
    }
    let progress = events.iter().rfind(|(name, _)| name == "progress").unwrap();
    assert_eq!((&progress.1["done"], &progress.1["rows"]["inserted"]), (&2.into(), &6.into()));
});

#[tokio::test]
async fn streams_and_waits_end_when_the_daemon_does() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { permits: 0, ..Options::default() }).await;
    let run = world.start("").await;
    let mut stream = open(&world, &run).await;
    assert!(next(&mut stream).await.is_some());
    let waiting = world.send("POST", "/jobs/prices/run", &[("prefer", "wait=30")], "");
    let (waited, (), ()) = tokio::join!(
        tokio::time::timeout(Duration::from_secs(5), waiting),
        async { while next(&mut stream).await.is_some() {} },
        async { world.health.draining().cancel() },
    );
    assert_eq!(waited.unwrap().status, 202);
}
