//! Runs: listing, tasks, ending and repeating.

use axum::http::StatusCode;
use data_infrastructure::db::execute;
use serde_json::{Value, json};

use super::world::{Options, World};
use crate::support::{TestStore, on_both_databases};

const NO_RUN: &str = "01980000-0000-7000-8000-000000000000";

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap()).collect()
}

on_both_databases!(runs_are_listed_newest_first_in_pages, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.insert(0, world.run_to_its_end("").await["id"].as_str().unwrap().to_owned());
    }
    let first = world.get("/runs?limit=2").await.json();
    assert_eq!(ids(&first), made[..2]);
    let rest = world.get(&format!("/runs?limit=2&cursor={}", first["nextCursor"].as_str().unwrap())).await.json();
    assert_eq!((ids(&rest), &rest["nextCursor"]), (vec![made[2].as_str()], &json!(null)));
    for (query, count) in [
        ("job=prices", 3),
        ("job=prices&state=failed", 0),
        ("state=succeeded", 3),
        ("state=failed", 0),
        ("trigger=manual", 3),
        ("since=2020-01-01", 3),
        ("since=2120-01-01", 0),
    ] {
        assert_eq!(ids(&world.get(&format!("/runs?{query}")).await.json()).len(), count, "{query}");
    }
});

#[tokio::test]
async fn a_bad_parameter_is_400_naming_it() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    for (query, param) in [
        ("job=rates", "job"),
        ("state=done", "state"),
        ("trigger=hand", "trigger"),
        ("since=x", "since"),
        ("limit=501", "limit"),
        ("cursor=x", "cursor"),
        ("colour=red", "colour"),
        ("job=a&job=b", "job"),
        ("job=%00", "job"),
    ] {
        let reply = world.get(&format!("/runs?{query}")).await;
        assert_eq!((reply.status, reply.named()), (StatusCode::BAD_REQUEST, vec![param.to_owned()]), "{query}");
    }
}

on_both_databases!(runs_of_a_job_that_is_no_more_are_still_found_by_its_name, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    world.run_to_its_end("").await;
    execute(world.database.connection(), "UPDATE run SET job = 'former'", []).await.unwrap();
    assert_eq!(ids(&world.get("/runs?job=former").await.json()).len(), 1);
    assert_eq!(world.get("/runs?job=former&state=failed").await.json()["items"], json!([]));
    let refused = world.get("/runs?job=nope").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text.contains("is none of prices"), "{}", refused.text);
});

#[tokio::test]
async fn what_names_no_run_is_404() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    for id in [NO_RUN, "latest", "%20"] {
        for path in ["", "/tasks", "/events", "/logs"] {
            assert_eq!(world.get(&format!("/runs/{id}{path}")).await.status, StatusCode::NOT_FOUND, "{id}{path}");
        }
        for path in ["cancel", "retry"] {
            assert_eq!(
                world.post(&format!("/runs/{id}/{path}"), "").await.status,
                StatusCode::NOT_FOUND,
                "{id}/{path}"
            );
        }
    }
}

on_both_databases!(tasks_are_listed_in_the_order_of_planning, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let run = world.run_to_its_end(r#"{"companies":["1002","bad","1001"]}"#).await;
    assert_eq!((&run["state"], &run["error"]), (&json!("partial"), &json!("1 of 3 tasks failed")));
    let tasks = run["links"]["tasks"].as_str().unwrap();
    let all = world.get(tasks).await.json();
    let keys: Vec<_> = all["items"].as_array().unwrap().iter().map(|task| &task["key"]).collect();
    assert_eq!(keys, ["1002", "bad", "1001"]);
    let first = &all["items"][0];
    assert_eq!(
        (&first["state"], &first["attempts"], &first["source"]),
        (&json!("succeeded"), &json!(1), &json!("sample"))
    );
    assert_eq!((&first["rows"]["inserted"], &first["error"]), (&json!(3), &json!(null)));
    assert!(first["startedAt"].is_string() && first["finishedAt"].is_string());

    let failed = world.get(&format!("{tasks}?state=failed")).await.json();
    assert_eq!(failed["items"].as_array().unwrap().len(), 1);
    assert_eq!(failed["items"][0]["error"], "no <good>");
    let page = world.get(&format!("{tasks}?limit=2")).await.json();
    let rest = world.get(&format!("{tasks}?limit=2&cursor={}", page["nextCursor"].as_str().unwrap())).await.json();
    assert_eq!((&rest["items"][0]["key"], &rest["nextCursor"]), (&json!("1001"), &json!(null)));
    assert_eq!(world.get(&format!("{tasks}?state=odd")).await.named(), ["state"]);
    for wrong in ["2", "x:1", "1:%00", "-1:a"] {
        assert_eq!(world.get(&format!("{tasks}?cursor={wrong}")).await.named(), ["cursor"], "{wrong}");
    }
    assert_eq!(world.get(&format!("{tasks}?limit=501")).await.named(), ["limit"]);

    // A task that leaves the list between two pages takes no other one with it.
    let page = world.get(&format!("{tasks}?state=succeeded&limit=1")).await.json();
    assert_eq!(page["items"][0]["key"], "1002");
    execute(world.database.connection(), "UPDATE task SET state = 'failed' WHERE key = '1002'", []).await.unwrap();
    let cursor = page["nextCursor"].as_str().unwrap();
    let rest = world.get(&format!("{tasks}?state=succeeded&limit=1&cursor={cursor}")).await.json();
    assert_eq!((&rest["items"][0]["key"], &rest["nextCursor"]), (&json!("1001"), &json!(null)));
});

on_both_databases!(a_running_run_is_cancelled_and_a_finished_one_is_409, |store: TestStore| async {
    let world = World::new(&store, Options { permits: 1, ..Options::default() }).await;
    let run = world.start("").await;
    world.until(&run, |run| run["progress"]["done"] == 1).await;
    let reply = world.post(&format!("{run}/cancel"), "").await;
    assert_eq!(reply.status, StatusCode::ACCEPTED);
    let state = reply.json()["state"].clone();
    assert!(state == "cancelling" || state == "cancelled", "{state}");
    let ended = world.until(&run, |run| run["finishedAt"].is_string()).await;
    assert_eq!((&ended["state"], &ended["progress"]["done"]), (&json!("cancelled"), &json!(1)));
    let again = world.post(&format!("{run}/cancel"), "").await;
    assert_eq!((again.status, &again.json()["link"]), (StatusCode::CONFLICT, &json!(run)));
});

#[tokio::test]
async fn a_queued_run_is_cancelled_at_once_and_counted() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { permits: 0, ..Options::default() }).await;
    world.start("").await;
    let queued = world.start("").await;
    let reply = world.post(&format!("{queued}/cancel"), "").await;
    assert_eq!((reply.status, &reply.json()["state"]), (StatusCode::ACCEPTED, &json!("cancelled")));
    let counted = r#"datainfra_job_runs_total{job_name="prices",state="cancelled",trigger="manual"} 1"#;
    assert!(world.get("/metrics").await.text.contains(counted));
}

on_both_databases!(a_retry_runs_over_the_failed_tasks_only, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let partial = world.run_to_its_end(r#"{"companies":["1001","bad"]}"#).await;
    let path = partial["links"]["self"].as_str().unwrap();
    let reply = world.send("POST", &format!("{path}/retry"), &[("prefer", "wait=20")], "").await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let again = reply.json();
    assert_eq!((&again["trigger"], &again["retryOf"]), (&json!("retry"), &partial["id"]));
    assert_eq!((&again["state"], &again["progress"]["total"]), (&json!("failed"), &json!(1)));

    let fine = world.run_to_its_end(r#"{"companies":["1001"]}"#).await;
    let reply = world.post(&format!("{}/retry", fine["links"]["self"].as_str().unwrap()), "").await;
    assert_eq!(reply.status, StatusCode::CONFLICT);
});

#[tokio::test]
async fn a_run_that_is_not_over_is_not_repeated() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { permits: 0, ..Options::default() }).await;
    let run = world.start("").await;
    assert_eq!(world.post(&format!("{run}/retry"), "").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn every_list_refuses_more_than_five_hundred_at_once() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    for list in ["/jobs", "/jobs/prices/ticks", "/runs", "/sources"] {
        assert_eq!(world.get(&format!("{list}?limit=500")).await.status, StatusCode::OK, "{list}");
        for limit in ["501", "0", "-1", "many", ""] {
            assert_eq!(world.get(&format!("{list}?limit={limit}")).await.named(), ["limit"], "{list} {limit}");
        }
    }
}
