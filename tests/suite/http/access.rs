//! Who gets in: every route, every method.

use axum::http::StatusCode;
use data_infrastructure::http::route_table;

use super::world::{Options, World};
use crate::support::TestStore;

const RUN: &str = "01980000-0000-7000-8000-000000000000";

fn address(path: &str) -> String {
    path.replace("{job}", "prices").replace("{id}", RUN)
}

async fn guarded(protect_reads: bool) -> (TestStore, World) {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { tokens: &["old", "new"], protect_reads, ..Options::default() }).await;
    (store, world)
}

#[tokio::test]
async fn every_change_without_a_token_is_401() {
    let (_store, world) = guarded(false).await;
    let changes: Vec<_> = route_table().into_iter().filter(|route| route.method != "GET").collect();
    assert!(changes.len() >= 5);
    for route in changes {
        assert!(!route.open, "{route:?}");
        for headers in [&[][..], &[("authorization", "Bearer wrong")], &[("authorization", "Basic new")]] {
            let reply = world.send(route.method, &address(route.path), headers, "").await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{route:?}");
            assert!(reply.header("www-authenticate").starts_with("Bearer"), "{route:?}");
        }
        let reply = world.send(route.method, &address(route.path), &[("authorization", "Bearer old")], "").await;
        assert_ne!(reply.status, StatusCode::UNAUTHORIZED, "{route:?}");
    }
}

#[tokio::test]
async fn no_other_method_gets_past_a_route() {
    let (_store, world) = guarded(false).await;
    let table = route_table();
    for route in &table {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
            if !table.iter().any(|other| other.path == route.path && other.method == method) {
                let reply = world.send(method, &address(route.path), &[], "").await;
                assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {}", route.path);
                assert_eq!(reply.json()["status"], 405);
                assert!(reply.header("allow").contains(route.method), "{method} {}", route.path);
            }
        }
    }
}

#[tokio::test]
async fn reads_are_open_unless_protected_and_health_always() {
    let (_store, open) = guarded(false).await;
    let (_other, protected) = guarded(true).await;
    for route in route_table().into_iter().filter(|route| route.method == "GET") {
        let path = address(route.path);
        assert_ne!(open.get(&path).await.status, StatusCode::UNAUTHORIZED, "{route:?}");
        let status = protected.get(&path).await.status;
        assert_eq!(status == StatusCode::UNAUTHORIZED, !route.open, "{route:?}");
        let status = protected.send("GET", &path, &[("authorization", "Bearer new")], "").await.status;
        assert_ne!(status, StatusCode::UNAUTHORIZED, "{route:?}");
    }
    let open: Vec<_> = route_table().into_iter().filter(|route| route.open).map(|route| route.path).collect();
    assert_eq!(open, ["/livez", "/readyz"]);
}

#[tokio::test]
async fn a_domain_that_forgot_to_ask_is_closed_all_the_same() {
    let (_store, world) = guarded(true).await;
    assert_eq!(world.post("/forgotten", "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.get("/forgotten").await.status, StatusCode::UNAUTHORIZED);
    let reply = world.send("POST", "/forgotten", &[("authorization", "Bearer new")], "").await;
    assert_eq!(reply.text, "changed");
}

#[tokio::test]
async fn without_a_token_a_page_of_another_site_cannot_start_a_job() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    for headers in [
        &[("host", "evil.example")][..],
        &[("origin", "http://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://localhost:3000")],
        &[("sec-fetch-site", "cross-site")],
    ] {
        let reply = world.send("POST", "/jobs/prices/run", headers, "{}").await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    assert_eq!(world.get("/runs").await.json()["items"], serde_json::json!([]));
    let own = [("origin", "http://localhost:8080"), ("sec-fetch-site", "same-origin")];
    assert_eq!(world.send("POST", "/jobs/prices/run", &own, "{}").await.status, StatusCode::ACCEPTED);
}
