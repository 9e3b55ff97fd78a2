//! Addresses and bodies that cannot be, over a real socket.

use std::time::{Duration, Instant};

use data_infrastructure::http::settings::{ConnectionSettings, FrameSettings};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;

use super::{
    served::{Served, rest},
    world::{Options, World},
};
use crate::support::TestStore;

async fn served(frame: FrameSettings) -> (TestStore, World, Served) {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { frame, ..Options::default() }).await;
    let served = Served::new(world.router.clone(), ConnectionSettings::default()).await;
    (store, world, served)
}

fn split(answer: &str) -> (&str, Value) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head, serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn an_address_that_cannot_be_is_400_and_says_what_is_wrong_with_it() {
    let (_store, _world, served) = served(FrameSettings::default()).await;
    let long = format!("/jobs/{}", "a".repeat(10_000));
    let query = format!("/runs?job={}", "a".repeat(10_000));
    for (path, param) in [
        (long.as_str(), "path"),
        (&query, "query"),
        ("/jobs/a%00b", "path"),
        ("/%00", "path"),
        ("/runs?job=%00", "job"),
        ("/runs?%00=1", "query"),
        ("/runs?state=queued&job=%ff", "job"),
        ("/nowhere/%ff", "path"),
        ("/nowhere/%e3%81", "path"),
    ] {
        let answer = served.get(path).await;
        let (head, problem) = split(&answer);
        let start: String = path.chars().take(20).collect();
        assert!(head.starts_with("HTTP/1.1 400 ") && head.contains("application/problem+json"), "{start}: {head}");
        assert!(head.contains("x-request-id: ") && head.contains("nosniff"), "{start}: {head}");
        assert_eq!(problem["errors"][0]["param"], param, "{start}: {problem}");
    }
    let answer = served.get("/nowhere/%e3%81%82").await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_dribbles_is_given_up_when_its_time_is_over() {
    let request_timeout = Duration::from_millis(300);
    let (_store, world, served) = served(FrameSettings { request_timeout, ..FrameSettings::default() }).await;
    let mut stream = served.connect().await;
    let head = "POST /jobs/prices/run HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Content-Length: 60000\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let started = Instant::now();
    let dribbling = async {
        while writing.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut answer = vec![0; 4096];
    let read = tokio::select! {
        () = dribbling => panic!("the connection ended without an answer"),
        read = tokio::io::AsyncReadExt::read(&mut reading, &mut answer) => read.unwrap(),
    };
    let text = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(text.starts_with("HTTP/1.1 503 ") && text.contains("retry-after: "), "{text}");
    assert!(started.elapsed() >= request_timeout && started.elapsed() < Duration::from_secs(10));
    rest(&mut stream).await;
    assert_eq!(world.get("/runs").await.json()["items"], serde_json::json!([]));
}
