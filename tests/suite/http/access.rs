//! Who gets in: every route, every method.

use axum::http::StatusCode;
use data_infrastructure::http::{self, Route, settings::Scope};

use super::world::{Options, World};
use crate::support::TestStore;

const RUN: &str = "01980000-0000-7000-8000-000000000000";

fn route_table() -> Vec<Route> {
    http::listed().table()
}

fn address(path: &str) -> String {
    path.replace("{job}", "prices").replace("{id}", RUN).replace("{source}", "first")
}

const NAMED: &[(&str, Scope)] = &[("eyes", Scope::Read), ("ops", Scope::Operate), ("root", Scope::Admin)];

/// A daemon with a token of each scope, and the two valid ones of an old client.
async fn guarded(protect_reads: bool) -> (TestStore, World) {
    let store = TestStore::sqlite();
    let options = Options { tokens: &["old", "new"], named: NAMED, protect_reads, ..Options::default() };
    let world = World::new(&store, options).await;
    (store, world)
}

/// What a route asks of its caller; none: nothing.
fn needed(route: &Route, protect_reads: bool) -> Option<Scope> {
    match (route.method, route.path.as_str()) {
        ("GET", "/audit") => Some(Scope::Admin),
        ("GET", _) if route.open || !protect_reads => None,
        ("GET", _) => Some(Scope::Read),
        _ => Some(Scope::Operate),
    }
}

/// Who calls: what is sent as `Authorization`, and the scope that it has.
const CALLERS: [(&str, Option<Scope>); 10] = [
    ("", None),
    ("Bearer wrong", None),
    ("Bearer ops-toke", None),
    ("Bearer ops", None),
    ("Basic new", None),
    ("Bearer eyes-token", Some(Scope::Read)),
    ("Bearer ops-token", Some(Scope::Operate)),
    ("Bearer root-token", Some(Scope::Admin)),
    ("Bearer old", Some(Scope::Admin)),
    ("bearer new", Some(Scope::Admin)),
];

#[tokio::test]
async fn every_caller_at_every_route_gets_what_its_scope_allows() {
    for protect_reads in [false, true] {
        let (_store, world) = guarded(protect_reads).await;
        for route in route_table() {
            for (authorization, scope) in CALLERS {
                let headers = [("authorization", authorization)];
                let headers = if authorization.is_empty() { &[][..] } else { &headers };
                let reply = world.send(route.method, &address(&route.path), headers, "").await;
                let case = format!("{authorization:?} at {route:?}: {} {}", reply.status, reply.text);
                match (needed(&route, protect_reads), scope) {
                    (Some(_), None) => {
                        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{case}");
                        assert!(reply.header("www-authenticate").starts_with("Bearer"), "{case}");
                    }
                    (Some(needed), Some(scope)) if scope < needed => {
                        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{case}");
                        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{}\"", needed.as_str());
                        assert_eq!(reply.header("www-authenticate"), challenge, "{case}");
                        assert_eq!(reply.json()["status"], 403, "{case}");
                    }
                    _ => assert!(let_in(reply.status), "{case}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn without_any_token_a_caller_on_this_host_gets_in_everywhere() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    for route in route_table() {
        let reply = world.send(route.method, &address(&route.path), &[], "").await;
        assert!(let_in(reply.status), "{route:?}: {}", reply.text);
    }
}

fn let_in(status: StatusCode) -> bool {
    status != StatusCode::UNAUTHORIZED && status != StatusCode::FORBIDDEN
}

#[tokio::test]
async fn only_health_is_open_and_every_change_is_guarded() {
    let table = route_table();
    let open: Vec<_> = table.iter().filter(|route| route.open).map(|route| route.path.as_str()).collect();
    assert_eq!(open, ["/livez", "/readyz"]);
    assert!(table.iter().filter(|route| route.method != "GET").count() >= 5);
}

#[tokio::test]
async fn no_other_method_gets_past_a_route() {
    let (_store, world) = guarded(false).await;
    let table = route_table();
    for route in &table {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
            if !table.iter().any(|other| other.path == route.path && other.method == method) {
                let reply = world.send(method, &address(&route.path), &[], "").await;
                assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {}", route.path);
                assert_eq!(reply.json()["status"], 405);
                assert!(reply.header("allow").contains(route.method), "{method} {}", route.path);
            }
        }
    }
}

#[tokio::test]
async fn a_domain_that_forgot_to_ask_is_closed_all_the_same() {
    let (_store, world) = guarded(true).await;
    assert_eq!(world.post("/forgotten", "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.get("/forgotten").await.status, StatusCode::UNAUTHORIZED);
    let reply = world.send("POST", "/forgotten", &[("authorization", "Bearer new")], "").await;
    assert_eq!(reply.text, "changed");
    let reply = world.send("POST", "/forgotten", &[("authorization", "Bearer eyes-token")], "").await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN, "{}", reply.text);
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
