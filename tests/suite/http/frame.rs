//! What every answer has in common.

use std::time::Duration;

use axum::http::StatusCode;
use data_infrastructure::http::{Routes, settings::FrameSettings};

use super::world::{Options, World};
use crate::support::TestStore;

async fn world() -> (TestStore, World) {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    (store, world)
}

#[tokio::test]
async fn an_unknown_address_is_a_problem_with_the_request_id() {
    let (_store, world) = world().await;
    let reply = world.send("GET", "/nowhere", &[("x-request-id", "mine-1")], "").await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.header("x-request-id"), "mine-1");
    let problem = reply.json();
    assert_eq!(problem["instance"], "mine-1");
    assert_eq!((&problem["status"], &problem["title"]), (&404.into(), &"Not Found".into()));
    assert_eq!(problem["message"], problem["detail"]);
    assert_eq!(problem["type"], "about:blank");
}

#[tokio::test]
async fn security_headers_are_on_every_answer() {
    let (_store, world) = world().await;
    let long = format!("/{}", "a".repeat(9000));
    for path in ["/jobs", "/runs", "/livez", "/metrics", "/nowhere", "/panics", "/things", "/%00", &long] {
        let reply = world.get(path).await;
        assert_eq!(reply.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert!(reply.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        assert!(!reply.header("x-request-id").is_empty(), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "", "{path}");
    }
}

#[tokio::test]
async fn a_panic_is_a_500_that_keeps_its_reason_to_itself() {
    let (_store, world) = world().await;
    let reply = world.get("/panics").await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(reply.json()["status"], 500);
    assert!(!reply.text.contains("secret"));
    assert_eq!(world.get("/things").await.text, "things");
}

#[tokio::test]
async fn bodies_over_64_kib_are_413_announced_or_not() {
    let (_store, world) = world().await;
    let large = format!(r#"{{"note":"{}"}}"#, "a".repeat(64 * 1024));
    let length = large.len().to_string();
    for headers in [&[][..], &[("content-length", length.as_str())]] {
        let reply = world.send("POST", "/jobs/prices/run", headers, &large).await;
        assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(reply.json()["status"], 413);
    }
}

#[tokio::test]
async fn an_address_over_8_kib_is_400() {
    let (_store, world) = world().await;
    let reply = world.get(&format!("/runs?job={}", "a".repeat(9000))).await;
    assert_eq!((reply.status, reply.named()), (StatusCode::BAD_REQUEST, vec!["query".to_owned()]));
    let reply = world.get(&format!("/runs/{}", "a".repeat(9000))).await;
    assert_eq!((reply.status, reply.named()), (StatusCode::BAD_REQUEST, vec!["path".to_owned()]));
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let (_store, world) = world().await;
    for path in ["/jobs", "/runs", "/livez", "/nowhere", "/runs?colour=red"] {
        let (get, head) = (world.get(path).await, world.send("HEAD", path, &[], "").await);
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(head.text, "", "{path}");
    }
}

#[tokio::test]
async fn requests_are_counted_by_template_and_method_of_closed_sets() {
    let (_store, world) = world().await;
    world.get("/runs/no-such-run").await;
    world.get("/jobs/no-such-job").await;
    world.send("BREW", "/nowhere/at-all", &[], "").await;
    let text = world.get("/metrics").await.text;
    for line in [
        r#"datainfra_http_requests_total{method="GET",route="/runs/{id}",status="404"} 1"#,
        r#"datainfra_http_requests_total{method="GET",route="/jobs/{job}",status="404"} 1"#,
        r#"datainfra_http_requests_total{method="other",route="unmatched",status="404"} 1"#,
        r#"datainfra_http_request_duration_seconds_count{method="GET",route="/runs/{id}"} 1"#,
        r#"datainfra_db_pool_connections{state="idle"}"#,
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("no-such"));
}

#[tokio::test]
async fn a_path_that_is_no_text_is_a_problem() {
    let (_store, world) = world().await;
    let reply = world.get("/jobs/%ff%fe").await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_eq!(reply.json()["status"], 400);
}

#[tokio::test]
async fn what_takes_too_long_is_a_503_that_says_so() {
    let store = TestStore::sqlite();
    let routes = Routes::new().page("/never", std::future::pending::<()>);
    let frame = FrameSettings { request_timeout: Duration::from_millis(20), ..FrameSettings::default() };
    let world = World::new(&store, Options { routes, frame, ..Options::default() }).await;
    let reply = world.send("GET", "/never", &[("accept-language", "ja")], "").await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((reply.header("content-type"), reply.header("retry-after")), ("application/problem+json", "5"));
    assert_eq!(reply.header("referrer-policy"), "no-referrer");
    assert!(reply.json()["detail"].as_str().unwrap().contains("秒以内"), "{}", reply.text);
}
