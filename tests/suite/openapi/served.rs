//! What is described is served, and what is served is known.

use std::sync::Arc;

use axum::http::StatusCode;
use data_infrastructure::{
    app, fx,
    http::{self, Waiter, openapi, settings::Scope},
    stock::api::{Samples, StockApi, UploadsApi, router, uploads},
};
use tokio_util::sync::CancellationToken;

use crate::{
    http::world::{Given, Options, Reply, World},
    support::TestStore,
};

/// The daemon with all its domains.
pub async fn world(store: &TestStore, options: Options) -> World {
    World::with(store, options, |given: &Given| {
        let (database, clock) = (given.database.clone(), given.clock.clone());
        let api = StockApi {
            database: database.clone(),
            clock: clock.clone(),
            jobs_fragment: Arc::new(|| {
                Box::pin(async {
                    maud::html! {}
                })
            }),
            samples: Samples::default(),
        };
        let waiter = Waiter { database: database.clone(), clock: clock.clone(), draining: CancellationToken::new() };
        let triggers = given.triggers.clone();
        let page = http::data_model(database.clone(), app::areas());
        let domains = router(api).merge(fx::api::router(database.clone(), clock)).merge(page);
        (domains, Some(uploads(UploadsApi { database, triggers, waiter })))
    })
    .await
}

fn address(path: &str) -> String {
    [
        ("{job}", "prices"),
        ("{source}", "first"),
        ("{id}", "01980000-0000-7000-8000-000000000000"),
        ("{stockCode}", "7203"),
        ("{currency}", "USD"),
        ("{version}", "1"),
        ("{file}", "init.js"),
        ("{companyId}", "0001"),
    ]
    .into_iter()
    .fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
}

/// Somebody answers there, if only that there is no such run.
fn is_served(reply: &Reply) -> bool {
    let nothing = reply.status == StatusCode::NOT_FOUND && reply.text.contains("nothing at this address");
    reply.status != StatusCode::METHOD_NOT_ALLOWED && !nothing
}

#[tokio::test]
async fn every_described_route_is_served_and_every_page_is_known() {
    let store = TestStore::sqlite();
    let world = world(&store, Options::default()).await;
    for route in app::listed().table() {
        let path = address(&route.path);
        assert!(!path.contains('{'), "{path}: add the parameter to this test");
        let reply = world.send(route.method, &path, &[], "").await;
        assert!(is_served(&reply), "{} {path}: {} {}", route.method, reply.status, reply.text);
    }
    assert!(!is_served(&world.get("/nowhere").await) && !is_served(&world.post("/livez", "").await));
}

#[tokio::test]
async fn no_route_of_any_domain_changes_anything_without_a_token_or_is_read_where_reads_are_protected() {
    let store = TestStore::sqlite();
    let options = Options { named: &[("eyes", Scope::Read)], protect_reads: true, ..Options::default() };
    let world = world(&store, options).await;
    for route in app::listed().table() {
        let path = address(&route.path);
        let reply = world.send(route.method, &path, &[], "").await;
        assert_eq!(reply.status == StatusCode::UNAUTHORIZED, !route.open, "{} {path}: {}", route.method, reply.text);
        if route.method != "GET" {
            let reply = world.send(route.method, &path, &[("authorization", "Bearer eyes-token")], "").await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{} {path}: {}", route.method, reply.text);
        }
    }
}

#[tokio::test]
async fn the_document_is_served_as_the_command_prints_it() {
    let store = TestStore::sqlite();
    let world = world(&store, Options::default()).await;
    let printed = openapi::text(&openapi::document(app::listed())).unwrap();
    for path in ["/openapi.json", "/api/v1/openapi.json", "/stock-prediction-dashboard/api/v1/openapi.json"] {
        let reply = world.get(path).await;
        assert_eq!((reply.status, reply.header("content-type")), (StatusCode::OK, "application/json"), "{path}");
        assert!(reply.text == printed, "{path} is another document than `datainfra openapi` prints");
        let again = world.send("GET", path, &[("if-none-match", reply.header("etag"))], "").await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}");
    }
}

#[tokio::test]
async fn what_a_daemon_tells_of_itself_is_what_it_serves() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    let told = world.get("/openapi.json").await.json();
    assert!(told["paths"]["/jobs/{job}/run"].is_object() && told["paths"]["/api/v1/companies"].is_null());
    assert_eq!(told["paths"].as_object().unwrap().len(), http::listed().api.paths.paths.len());
}
