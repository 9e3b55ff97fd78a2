//! `/sources`: how each source stands, and a breaker closed by hand.

use std::time::Duration;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use data_infrastructure::{
    crawl::{Cause, Gate as _, Pace, Slot, store::DatabaseGate, store::outcomes},
    db,
    http::settings::Scope,
};
use serde_json::{Value, json};

use super::world::{Options, World};
use crate::support::{TestStore, on_both_databases};

const NAMED: &[(&str, Scope)] = &[("eyes", Scope::Read), ("ops", Scope::Operate), ("root", Scope::Admin)];

async fn guarded(store: &TestStore) -> (World, DatabaseGate) {
    let world = World::new(store, Options { named: NAMED, ..Options::default() }).await;
    let gate = DatabaseGate::new(world.database.clone());
    (world, gate)
}

async fn reset(world: &World, source: &str, token: &str) -> super::world::Reply {
    let authorization = format!("Bearer {token}");
    world.send("POST", &format!("/sources/{source}/reset"), &[("authorization", &authorization)], "").await
}

async fn audited(world: &World) -> Vec<Value> {
    let reply = world.send("GET", "/audit", &[("authorization", "Bearer root-token")], "").await;
    reply.json()["items"].as_array().unwrap().clone()
}

on_both_databases!(a_source_that_was_never_asked_is_available_and_says_what_it_is, |store: TestStore| async {
    let (world, _) = guarded(&store).await;
    let list = world.get("/sources").await.json();
    let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|source| source["name"].clone()).collect();
    assert_eq!((names, &list["nextCursor"]), (vec![json!("first"), json!("second")], &json!(null)));
    assert_eq!(
        world.get("/sources/second").await.json(),
        json!({
            "name": "second", "enabled": false, "state": "available", "closedUntil": null, "reason": null,
            "nextRequestAt": null, "minInterval": "3s", "lastAnswers": {}, "quota": null, "licenceNote": "public domain",
            "host": "second.example", "links": {"self": "/sources/second", "reset": "/sources/second/reset"},
        })
    );
    let first = world.get("/sources?limit=1").await.json();
    assert_eq!((&first["nextCursor"], first["items"].as_array().unwrap().len()), (&json!("first"), 1));
    let rest = world.get("/sources?limit=1&cursor=first").await.json();
    assert_eq!((&rest["items"][0]["name"], &rest["nextCursor"]), (&json!("second"), &json!(null)));
    assert_eq!(world.get("/sources/third").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get("/sources?colour=red").await.named(), ["colour"]);
    assert_eq!(world.get("/sources?limit=0").await.named(), ["limit"]);
});

on_both_databases!(breaker_quota_and_last_answers_are_shown, |store: TestStore| async {
    let (world, gate) = guarded(&store).await;
    let pace = Pace { min_interval: Duration::from_secs(30), daily_limit: 5 };
    for _ in 0..2 {
        assert!(matches!(gate.reserve("first", pace).await.unwrap(), Slot::Wait(_)));
    }
    let counts = [("first", "data", 2, Duration::ZERO), ("first", "blocked", 1, Duration::ZERO)];
    outcomes::add(&world.database, &counts).await.unwrap();
    outcomes::add(&world.database, &counts[..1]).await.unwrap();
    let first = world.get("/sources/first").await.json();
    assert_eq!(
        (&first["state"], &first["quota"]["used"], &first["quota"]["left"]),
        (&json!("available"), &json!(2), &json!(3))
    );
    assert!(first["quota"]["resetsAt"].as_str().unwrap().ends_with("T00:00:00Z"), "{first}");
    assert!(first["nextRequestAt"].is_string());
    assert_eq!(first["lastAnswers"]["data"]["count"], 4);
    assert_eq!(first["lastAnswers"]["blocked"]["count"], 1);
    assert!(first["lastAnswers"]["data"]["lastAt"].is_string());

    gate.trip("first", Duration::from_mins(5), Cause::Down, "server error 500").await.unwrap();
    let down = world.get("/sources/first").await.json();
    assert_eq!((&down["state"], &down["reason"]), (&json!("down"), &json!("server error 500")));
    gate.block("first", "blocked: a page").await.unwrap();
    let blocked = world.get("/sources/first").await.json();
    assert_eq!((&blocked["state"], &blocked["reason"]), (&json!("blocked"), &json!("blocked: a page")));
    assert_eq!(blocked["closedUntil"], blocked["nextRequestAt"]);
    assert_eq!(world.get("/sources/second").await.json()["state"], "available");
});

on_both_databases!(a_day_that_is_used_up_is_shown_and_no_reset_gives_it_back, |store: TestStore| async {
    let (world, gate) = guarded(&store).await;
    let pace = Pace { min_interval: Duration::ZERO, daily_limit: 5 };
    for _ in 0..5 {
        assert!(matches!(gate.reserve("first", pace).await.unwrap(), Slot::Wait(_)));
    }
    for _ in 0..2 {
        let first = world.get("/sources/first").await.json();
        assert_eq!((&first["state"], &first["quota"]["left"]), (&json!("quota"), &json!(0)));
        assert_eq!(first["closedUntil"], first["quota"]["resetsAt"]);
        assert_eq!(reset(&world, "first", "ops-token").await.status, StatusCode::OK);
    }
    assert!(matches!(gate.reserve("first", pace).await.unwrap(), Slot::Closed(_)));
    assert!(audited(&world).await.is_empty(), "nothing was changed");
});

on_both_databases!(a_breaker_is_closed_by_hand_and_that_is_written_down_once, |store: TestStore| async {
    let (world, gate) = guarded(&store).await;
    gate.block("first", "a page").await.unwrap();
    assert_eq!(reset(&world, "first", "eyes-token").await.status, StatusCode::FORBIDDEN);
    assert_eq!(reset(&world, "first", "wrong").await.status, StatusCode::UNAUTHORIZED);
    assert!(gate.closed("first").await.unwrap().is_some());
    let reply = reset(&world, "first", "ops-token").await;
    assert_eq!((reply.status, &reply.json()["state"]), (StatusCode::OK, &json!("available")));
    assert!(gate.closed("first").await.unwrap().is_none());
    for source in ["first", "second"] {
        assert_eq!(reset(&world, source, "ops-token").await.status, StatusCode::OK);
    }
    assert_eq!(reset(&world, "third", "ops-token").await.status, StatusCode::NOT_FOUND);
    let rows = audited(&world).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let row = &rows[0];
    assert_eq!(
        (&row["action"], &row["subject"], &row["actor"]),
        (&json!("source.reset"), &json!("first"), &json!("ops"))
    );
    assert_eq!((&row["before"]["reason"], &row["before"]["blocks"]), (&json!("a page"), &json!(1)));
    assert!(row["before"]["closedUntil"].is_string() && row["after"]["closedUntil"].is_null());
    // The row of blocks begins anew.
    gate.block("first", "a page").await.unwrap();
    assert!(gate.closed("first").await.unwrap().unwrap().retry_after <= Duration::from_hours(6));
});

#[tokio::test]
async fn the_page_shows_the_sources_with_their_licences_to_who_asks_for_html() {
    let store = TestStore::sqlite();
    let (world, gate) = guarded(&store).await;
    gate.block("first", "a page with <b>").await.unwrap();
    let counts = [("first", "unknown_symbol", 12, Duration::ZERO), ("first", "closed", 1031, Duration::ZERO)];
    outcomes::add(&world.database, &counts).await.unwrap();
    let page = world.page("/sources").await;
    assert!(page.header("content-type").starts_with("text/html"));
    for part in [
        "first.example",
        "class=\"state blocked\"",
        "a page with &lt;b&gt;",
        "private use",
        "12 unknown symbol, last <time",
        "1,031 not asked",
        "Answers since the beginning",
        "class=\"state disabled\"",
        "public domain",
        "POST /sources/NAME/reset",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
}

#[tokio::test]
async fn the_page_says_now_where_nothing_stands_in_the_way_of_a_request() {
    let store = TestStore::sqlite();
    let (world, gate) = guarded(&store).await;
    let page = world.page("/sources").await.text;
    assert!(page.contains("<td>now<small>at least 3s apart</small>"), "never asked: {page}");
    gate.block("first", "a page").await.unwrap();
    for (next, shown) in
        [("2126-01-01 00:00:00+00:00", "2126-01-01 00:00:00"), ("2026-11-20 08:59:00+00:00", "<td>now<")]
    {
        let sql = "UPDATE source_state SET closed_until = NULL, next_request_at = $1";
        let next: DateTime<Utc> = next.parse().unwrap();
        db::execute(world.database.connection(), sql, [next.into()]).await.unwrap();
        let page = world.page("/sources").await.text;
        assert!(page.contains(shown) && !page.contains("ago"), "{shown}: {page}");
    }
}
