//! Alive and ready are two questions.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use data_infrastructure::http::{self, Auth, Health};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::world::{Options, World, metrics};
use crate::support::on_both_databases;

on_both_databases!(a_daemon_is_ready_with_its_database_until_it_drains, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    assert_eq!(world.get("/readyz").await.status, StatusCode::OK);

    world.health.draining().cancel();
    let draining = world.get("/readyz").await;
    assert_eq!(draining.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(draining.json()["checks"].as_object().unwrap().keys().collect::<Vec<_>>(), ["draining"]);

    world.database.close().await;
    let away = world.get("/readyz").await;
    assert!(away.json()["checks"]["database"].as_str().unwrap().starts_with("unreachable"), "{}", away.text);
    assert_eq!(world.get("/livez").await.status, StatusCode::OK, "liveness does not look at the database");
    assert_eq!(world.get("/runs").await.status, StatusCode::SERVICE_UNAVAILABLE);
});

fn starting(health: &Health) -> Router {
    let auth = Auth::new(Vec::new(), false, "127.0.0.1:8080".parse().unwrap());
    let metrics = Arc::new(metrics());
    let frame = Arc::new(http::Frame::new(&http::settings::FrameSettings::default(), Arc::clone(&metrics)));
    http::starting_router(health.clone(), metrics, Arc::new(auth), &frame)
}

async fn ask(router: &Router, path: &str) -> (StatusCode, String) {
    let response = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    let status = response.status();
    (status, String::from_utf8(to_bytes(response.into_body(), 1_000_000).await.unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn a_daemon_that_waits_for_its_database_lives_and_says_why_it_is_not_ready() {
    let health = Health::new(|| true, CancellationToken::new());
    let router = starting(&health);
    health.set_unreachable("connection refused");

    assert_eq!(ask(&router, "/livez").await.0, StatusCode::OK);
    let (status, text) = ask(&router, "/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problem["checks"]["database"], "starting: database unreachable: connection refused");
    assert!(problem["checks"]["migrated"].is_string());
    assert!(ask(&router, "/metrics").await.1.contains("datainfra_build_info"));
    for path in ["/", "/jobs", "/runs", "/api/v1/companies"] {
        let (status, text) = ask(&router, path).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(text.contains("connection refused"), "{text}");
    }
}

#[tokio::test]
async fn a_scheduler_that_stopped_beating_is_not_alive() {
    let beats = Arc::new(AtomicBool::new(true));
    let beat = Arc::clone(&beats);
    let router = starting(&Health::new(move || beat.load(Ordering::Relaxed), CancellationToken::new()));
    assert_eq!(ask(&router, "/livez").await.0, StatusCode::OK);
    beats.store(false, Ordering::Relaxed);
    assert_eq!(ask(&router, "/livez").await.0, StatusCode::SERVICE_UNAVAILABLE);
}
