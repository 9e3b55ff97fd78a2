//! So many requests at once, and no more.

use axum::{
    body::Body,
    http::{Request, StatusCode},
    response::Response,
};
use data_infrastructure::http::{Routes, settings::FrameSettings};
use tower::ServiceExt as _;

use super::{
    served::flood,
    world::{Options, World},
};
use crate::support::TestStore;

/// A daemon with room for one request, whose job waits.
async fn narrow() -> (TestStore, World) {
    let store = TestStore::sqlite();
    let frame = FrameSettings { max_requests: 1, ..FrameSettings::default() };
    let routes = Routes::new().page("/flood", || std::future::ready(flood().0));
    let world = World::new(&store, Options { frame, routes, permits: 0, ..Options::default() }).await;
    (store, world)
}

async fn open(world: &World, path: &str) -> Response {
    world.router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_request_is_under_way_until_its_answer_has_gone() {
    let (_store, world) = narrow().await;
    let flood = open(&world, "/flood").await;
    let refused = world.send("GET", "/things", &[("accept-language", "ja")], "").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((refused.header("retry-after"), refused.header("content-type")), ("5", "application/problem+json"));
    assert_eq!(refused.header("x-content-type-options"), "nosniff");
    assert!(refused.json()["detail"].as_str().unwrap().contains("リクエスト"), "{}", refused.text);
    assert_eq!(world.post("/forgotten", "").await.status, StatusCode::SERVICE_UNAVAILABLE);
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(world.get(path).await.status, StatusCode::OK, "{path} is answered however busy the daemon is");
    }
    let metrics = world.get("/metrics").await.text;
    assert!(metrics.contains(r#"http_requests_total{method="GET",route="/things",status="503"} 1"#), "{metrics}");
    drop(flood);
    assert_eq!(world.get("/things").await.text, "things");
}

#[tokio::test]
async fn a_refused_or_failed_request_leaves_its_place() {
    let (_store, world) = narrow().await;
    for path in ["/panics", "/nowhere", "/%00", "/runs?colour=red", "/panics"] {
        world.get(path).await;
    }
    assert_eq!(world.get("/things").await.status, StatusCode::OK);
}

#[tokio::test]
async fn event_streams_do_not_count() {
    let (_store, world) = narrow().await;
    let run = world.start("").await;
    let events = open(&world, &format!("{run}/events")).await;
    assert_eq!(events.status(), StatusCode::OK);
    assert_eq!(world.get("/things").await.status, StatusCode::OK);
    drop(events);
}

#[tokio::test]
async fn who_waits_for_a_run_does_not_count() {
    let (_store, world) = narrow().await;
    let waiting = world.send("POST", "/jobs/prices/run", &[("prefer", "wait=20")], "");
    let meanwhile = async {
        while world.get("/things").await.status != StatusCode::OK {
            tokio::task::yield_now().await;
        }
        world.permits.add_permits(2);
    };
    let (waited, ()) = tokio::join!(waiting, meanwhile);
    assert_eq!(waited.status, StatusCode::OK, "{}", waited.text);
}
