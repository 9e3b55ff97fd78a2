//! Pages of other sites: none by default, the configured ones, and what they may do.

use axum::http::StatusCode;
use data_infrastructure::http::settings::{FrameSettings, Scope};

use super::world::{Options, Reply, World};
use crate::support::TestStore;

const DASHBOARD: &str = "https://dashboard.example";
const STRANGER: &str = "https://evil.example";
const NAMED: &[(&str, Scope)] = &[("ops", Scope::Operate)];

async fn world(origins: &[&str], named: &'static [(&'static str, Scope)]) -> (TestStore, World) {
    let store = TestStore::sqlite();
    let cors_origins = origins.iter().map(|&origin| origin.to_owned()).collect();
    let frame = FrameSettings { cors_origins, writes_per_minute: 10, ..FrameSettings::default() };
    let world = World::new(&store, Options { frame, named, ..Options::default() }).await;
    (store, world)
}

fn allowed(reply: &Reply) -> &str {
    reply.header("access-control-allow-origin")
}

async fn preflight(world: &World, origin: &str, method: &str) -> Reply {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", "authorization,content-type"),
    ];
    world.send("OPTIONS", "/jobs/prices/run", &headers, "").await
}

#[tokio::test]
async fn nobody_is_allowed_by_default() {
    let (_store, world) = world(&[], &[]).await;
    assert_eq!(allowed(&world.send("GET", "/jobs", &[("origin", DASHBOARD)], "").await), "");
    let reply = preflight(&world, DASHBOARD, "POST").await;
    assert_eq!((reply.status, allowed(&reply)), (StatusCode::METHOD_NOT_ALLOWED, ""));
}

#[tokio::test]
async fn a_configured_origin_reads_whatever_is_answered() {
    let (_store, world) = world(&[DASHBOARD], &[]).await;
    for (method, path, status) in [
        ("GET", "/jobs", 200),
        ("HEAD", "/jobs", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/runs?colour=red", 400),
        ("GET", "/%00", 400),
        ("GET", "/panics", 500),
        ("GET", "/livez", 200),
    ] {
        let reply = world.send(method, path, &[("origin", DASHBOARD)], "").await;
        assert_eq!((reply.status.as_u16(), allowed(&reply)), (status, DASHBOARD), "{method} {path}");
        let exposed = reply.header("access-control-expose-headers");
        let names =
            ["etag", "location", "next-cursor", "retry-after", "x-request-id", "data-source", "data-licence-note"];
        assert!(names.iter().all(|name| exposed.contains(name)), "{exposed}");
        let vary: Vec<_> = reply.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert!(vary.join(",").contains("origin"), "{vary:?}");
        assert_eq!(allowed(&world.send(method, path, &[("origin", STRANGER)], "").await), "", "{path}");
        assert_eq!(allowed(&world.send(method, path, &[("origin", "https://dashboard.example.evil")], "").await), "");
    }
    assert_eq!(reply_credentials(&world).await, "", "cookies are nobody's business");
}

async fn reply_credentials(world: &World) -> String {
    let reply = world.send("GET", "/jobs", &[("origin", DASHBOARD)], "").await;
    reply.header("access-control-allow-credentials").to_owned()
}

#[tokio::test]
async fn a_preflight_says_what_a_page_may_send() {
    let (_store, world) = world(&[DASHBOARD], &[]).await;
    let reply = preflight(&world, DASHBOARD, "POST").await;
    assert_eq!((reply.status, allowed(&reply)), (StatusCode::OK, DASHBOARD));
    let (methods, headers) =
        (reply.header("access-control-allow-methods"), reply.header("access-control-allow-headers"));
    assert!(methods.contains("POST") && methods.contains("DELETE") && !methods.contains("PUT"), "{methods}");
    for name in ["authorization", "content-type", "idempotency-key", "prefer", "if-none-match", "x-request-id"] {
        assert!(headers.contains(name), "{headers}");
    }
    assert_eq!(reply.header("access-control-max-age"), "600");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert!(!reply.header("x-request-id").is_empty());
    assert_eq!(allowed(&preflight(&world, STRANGER, "POST").await), "");
    let counted = world.get("/metrics").await.text;
    assert!(counted.contains(r#"method="OPTIONS",route="/jobs/{job}/run",status="200"} 2"#), "{counted}");
}

#[tokio::test]
async fn a_configured_origin_changes_nothing_without_a_token() {
    let headers = [("origin", DASHBOARD), ("sec-fetch-site", "cross-site")];
    let (_store, loopback) = world(&[DASHBOARD], &[]).await;
    let reply = loopback.send_from("127.0.0.1", "POST", "/jobs/prices/run", &headers).await;
    assert_eq!((reply.status, allowed(&reply)), (StatusCode::FORBIDDEN, DASHBOARD));
    assert_eq!(loopback.send_from("127.0.0.1", "POST", "/jobs/prices/run", &headers).await.status, 429);
    assert_eq!(loopback.get("/runs").await.json()["items"], serde_json::json!([]));

    let (_store, guarded) = world(&[DASHBOARD], NAMED).await;
    let with_token = [headers[0], headers[1], ("authorization", "Bearer ops-token")];
    let reply = guarded.send_from("127.0.0.1", "POST", "/jobs/prices/run", &with_token).await;
    assert_eq!((reply.status, allowed(&reply)), (StatusCode::ACCEPTED, DASHBOARD));
    let reply = guarded.send_from("127.0.0.1", "POST", "/jobs/prices/run", &headers).await;
    assert_eq!((reply.status, allowed(&reply)), (StatusCode::TOO_MANY_REQUESTS, DASHBOARD));
}

#[tokio::test]
async fn any_origin_reads_and_asks_for_no_change() {
    let (_store, world) = world(&["*", DASHBOARD], NAMED).await;
    assert_eq!(allowed(&world.send("GET", "/jobs", &[("origin", STRANGER)], "").await), STRANGER);
    assert_eq!(allowed(&preflight(&world, STRANGER, "GET").await), STRANGER);
    for method in ["POST", "DELETE"] {
        assert_eq!(allowed(&preflight(&world, STRANGER, method).await), "", "{method}");
        assert_eq!(allowed(&preflight(&world, DASHBOARD, method).await), DASHBOARD, "{method}");
    }
    let headers = [("origin", STRANGER), ("authorization", "Bearer ops-token")];
    assert_eq!(allowed(&world.send("POST", "/jobs/prices/run", &headers, "").await), "");
}
