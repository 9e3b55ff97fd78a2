//! A row for every change over HTTP, and none for anything else.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use data_infrastructure::{
    audit::{
        Actor, Change,
        store::{self, AuditFilter},
    },
    clock::Clock,
    db::execute,
    http::settings::Scope,
    jobs::{
        Registry,
        settings::Overlap,
        store::{JobSchedule, ensure_job},
    },
    scheduler::purge_old_runs,
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::world::{Options, Reply, World};
use crate::support::{TestStore, on_both_databases};

const NAMED: &[(&str, Scope)] = &[("eyes", Scope::Read), ("ops", Scope::Operate), ("root", Scope::Admin)];
const NO_RUN: &str = "01980000-0000-7000-8000-000000000000";

async fn guarded(store: &TestStore, options: Options) -> World {
    World::new(store, Options { named: NAMED, ..options }).await
}

/// As the token `ops`, in a request of this name.
async fn ops(world: &World, request: &str, path: &str, body: &str) -> Reply {
    let headers = [("authorization", "Bearer ops-token"), ("x-request-id", request), ("prefer", "wait=20")];
    world.send("POST", path, &headers, body).await
}

/// The rows that fit, newest first.
async fn rows(world: &World, query: &str) -> Vec<Value> {
    let path = format!("/audit?limit=500&{query}");
    let reply = world.send("GET", &path, &[("authorization", "Bearer root-token")], "").await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    reply.json()["items"].as_array().unwrap().clone()
}

on_both_databases!(every_change_over_http_is_a_row_with_who_what_and_when, |store: TestStore| async {
    let world = guarded(&store, Options { permits: 1, ..Options::default() }).await;
    for request in ["p-1", "p-2"] {
        assert_eq!(ops(&world, request, "/jobs/prices/pause", "").await.status, StatusCode::OK);
    }
    ops(&world, "p-3", "/jobs/prices/resume", "").await;
    let body = r#"{"companies":["bad"],"note":"why not"}"#;
    let failed = ops(&world, "r-1", "/jobs/prices/run", body).await.json();
    let failed = failed["id"].as_str().unwrap();
    let retry = format!("/runs/{failed}/retry");
    let again = tokio::join!(ops(&world, "t-1", &retry, ""), async {
        world.permits.add_permits(1);
    });
    let again = again.0.json();
    let queued = world.send("POST", "/jobs/prices/run", &[("authorization", "Bearer root-token")], "").await.json();
    let queued = queued["id"].as_str().unwrap();
    let before = world.until(&format!("/runs/{queued}"), |run| run["state"] == "running").await;
    let cancelled = ops(&world, "c-1", &format!("/runs/{queued}/cancel"), "").await;
    assert_eq!((cancelled.status, &before["id"]), (StatusCode::ACCEPTED, &json!(queued)));

    let params = |companies: Value| json!({"from": null, "to": null, "companies": companies, "mode": "incremental", "dryRun": false});
    let made = |run: &Value, params: Value| json!({"run": run, "state": "queued", "params": params});
    let expected = [
        ("ops", "run.cancel", queued, json!({"state": "running"}), json!({"state": "cancelling"}), json!("c-1"), ""),
        ("root", "job.run", "prices", json!(null), made(&json!(queued), params(json!([]))), json!("?"), ""),
        ("ops", "run.retry", failed, json!(null), made(&again["id"], params(json!(["bad"]))), json!("t-1"), ""),
        (
            "ops",
            "job.run",
            "prices",
            json!(null),
            made(&json!(failed), params(json!(["bad"]))),
            json!("r-1"),
            "why not",
        ),
        ("ops", "job.resume", "prices", json!({"paused": true}), json!({"paused": false}), json!("p-3"), ""),
        ("ops", "job.pause", "prices", json!({"paused": false}), json!({"paused": true}), json!("p-1"), ""),
    ];
    let rows = rows(&world, "").await;
    assert_eq!(rows.len(), expected.len(), "{rows:#?}");
    for (row, (actor, action, subject, before, after, request, note)) in rows.iter().zip(expected) {
        assert_eq!((&row["actor"], &row["action"], &row["subject"]), (&actor.into(), &action.into(), &subject.into()));
        assert_eq!((&row["before"], &row["after"], &row["note"]), (&before, &after, &note.into()), "{action}");
        assert_eq!(row["via"], "http");
        assert!(request == "?" || row["requestId"] == request, "{row}");
        assert!(row["requestId"].is_string() && row["at"].as_str().unwrap().ends_with('Z'), "{row}");
    }
    assert!(!json!(rows).to_string().contains("-token"), "a token stands in a row");
});

on_both_databases!(what_is_refused_or_repeated_leaves_no_row, |store: TestStore| async {
    let world = guarded(&store, Options { overlap: Overlap::Skip, permits: 0, ..Options::default() }).await;
    for (authorization, path, body, status) in [
        ("Bearer wrong", "/jobs/prices/run", "", 401),
        ("Bearer eyes-token", "/jobs/prices/pause", "", 403),
        ("Bearer ops-token", "/jobs/rates/pause", "", 404),
        ("Bearer ops-token", "/jobs/prices/run", r#"{"companies":["9999"]}"#, 422),
        ("Bearer ops-token", "/jobs/prices/run", "{", 400),
        ("Bearer ops-token", "/jobs/prices/resume", "", 200),
        ("Bearer ops-token", &format!("/runs/{NO_RUN}/cancel"), "", 404),
        ("Bearer ops-token", &format!("/runs/{NO_RUN}/retry"), "", 404),
    ] {
        let reply = world.send("POST", path, &[("authorization", authorization)], body).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text);
    }
    assert_eq!(rows(&world, "").await, Vec::<Value>::new());

    let key = [("authorization", "Bearer ops-token"), ("idempotency-key", "monday")];
    let run = world.send("POST", "/jobs/prices/run", &key, "").await.json();
    let run = run["id"].as_str().unwrap();
    assert_eq!(world.send("POST", "/jobs/prices/run", &key, "").await.json()["id"], run);
    assert_eq!(world.send("POST", "/jobs/prices/run", &key, r#"{"mode":"full"}"#).await.status, 422);
    let no_wait = [("authorization", "Bearer ops-token")];
    assert_eq!(world.send("POST", "/jobs/prices/run", &no_wait, "").await.status, 409, "one is active");
    assert_eq!(world.send("POST", &format!("/runs/{run}/retry"), &no_wait, "").await.status, 409, "it is not over");
    assert_eq!(rows(&world, "").await.len(), 1);
    world.send("POST", &format!("/runs/{run}/cancel"), &no_wait, "").await;
    world.until(&format!("/runs/{run}"), |run| run["state"] == "cancelled").await;
    assert_eq!(world.send("POST", &format!("/runs/{run}/cancel"), &no_wait, "").await.status, 409);
    assert_eq!(world.send("POST", &format!("/runs/{run}/retry"), &no_wait, "").await.status, 409);
    let actions: Vec<_> = rows(&world, "").await.iter().map(|row| row["action"].clone()).collect();
    assert_eq!(actions, ["run.cancel", "job.run"]);
});

on_both_databases!(a_change_that_cannot_be_written_down_does_not_happen, |store: TestStore| async {
    let world = guarded(&store, Options::default()).await;
    let failed = ops(&world, "r", "/jobs/prices/run", r#"{"companies":["bad"]}"#).await.json();
    let failed = failed["id"].as_str().unwrap();
    world.permits.forget_permits(1000);
    let held = world.send("POST", "/jobs/prices/run", &[("authorization", "Bearer ops-token")], "").await.json();
    let held = format!("/runs/{}", held["id"].as_str().unwrap());
    world.until(&held, |run| run["state"] == "running").await;
    let sql = async |sql: &str| execute(world.database.connection(), sql, []).await.map(drop).unwrap();
    sql("ALTER TABLE audit RENAME TO audit_away").await;
    for path in [
        "/jobs/prices/pause".to_owned(),
        "/jobs/prices/run".to_owned(),
        format!("/runs/{failed}/retry"),
        format!("{held}/cancel"),
    ] {
        let reply = ops(&world, "x", &path, "").await;
        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}: {}", reply.text);
    }
    sql("ALTER TABLE audit_away RENAME TO audit").await;
    assert_eq!(world.get("/jobs/prices").await.json()["paused"], false);
    assert_eq!(world.get("/runs").await.json()["items"].as_array().unwrap().len(), 2, "no further run");
    assert_eq!(world.get(&held).await.json()["state"], "running");
    assert_eq!(rows(&world, "").await.len(), 2);
    assert_eq!(ops(&world, "p", "/jobs/prices/pause", "").await.status, StatusCode::OK);
    assert_eq!(rows(&world, "action=job.pause").await.len(), 1);
});

on_both_databases!(twenty_requests_at_once_leave_a_row_for_each_change, |store: TestStore| async {
    let world = guarded(&store, Options { permits: 0, ..Options::default() }).await;
    // As the planner does at its first beat.
    let now = "2026-11-20T09:00:00Z".parse().unwrap();
    let (expression, timezone) = ("0 18 * * Mon-Fri".to_owned(), "Asia/Tokyo".to_owned());
    let schedule = JobSchedule { expression, timezone, offset_ms: 0 };
    ensure_job(world.database.connection(), "prices", &schedule, now).await.unwrap();
    let twenty = async |path: &str, headers: &[(&str, &str)]| {
        let headers = [&[("authorization", "Bearer ops-token")], headers].concat();
        let replies = join_all((0..20).map(|_| world.send("POST", path, &headers, ""))).await;
        // Whoever comes to cancel a run when it is over already is told so.
        let fine = |reply: &&Reply| reply.status.is_success() || (path.ends_with("cancel") && reply.status == 409);
        let failed: Vec<_> = replies.iter().filter(|reply| !fine(reply)).map(|reply| &reply.text).collect();
        assert!(failed.is_empty(), "{path}: {failed:?}");
        replies
    };
    twenty("/jobs/prices/pause", &[]).await;
    assert_eq!(rows(&world, "action=job.pause").await.len(), 1);
    let same = twenty("/jobs/prices/run", &[("idempotency-key", "one")]).await;
    assert_eq!(rows(&world, "action=job.run").await.len(), 1);
    let run = same[0].json()["links"]["self"].as_str().unwrap().to_owned();
    world.until(&run, |run| run["state"] == "running").await;
    twenty("/jobs/prices/run", &[]).await;
    let made = rows(&world, "action=job.run").await;
    let runs = world.get("/runs?limit=500").await.json();
    let ids = |list: &[Value], pick: fn(&Value) -> &Value| {
        let mut ids: Vec<_> = list.iter().map(|item| pick(item).as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let told = ids(&made, |row| &row["after"]["run"]);
    assert_eq!((told.len(), told), (21, ids(runs["items"].as_array().unwrap(), |run| &run["id"])));
    let waiting = made[0]["after"]["run"].as_str().unwrap();
    twenty(&format!("/runs/{waiting}/cancel"), &[]).await;
    let cancelled = rows(&world, &format!("action=run.cancel&subject={waiting}")).await;
    assert_eq!(cancelled.len(), 1, "{cancelled:?}");
    assert_eq!(cancelled[0]["before"]["state"], "queued");
});

on_both_databases!(rows_are_found_by_who_what_and_when_newest_first_in_pages, |store: TestStore| async {
    let world = guarded(&store, Options::default()).await;
    let connection = world.database.connection();
    for (actor, action, subject) in [
        (Actor::http("ops", Some("1".into())), "job.pause", "prices"),
        (Actor::http("ops", None), "job.resume", "prices"),
        (Actor::cli(Some("me")), "company.import", "130A"),
        (Actor::config(), "config.reload", "jobs.prices"),
    ] {
        let change = Change { action, subject, before: None, after: Some(json!({"x": 1})), note: "" };
        store::record(connection, &actor, &change).await.unwrap();
    }
    let old: DateTime<Utc> = "2026-01-05T00:00:00Z".parse().unwrap();
    execute(connection, "UPDATE audit SET at = $1 WHERE action = 'job.pause'", [old.into()]).await.unwrap();
    for (query, actions) in [
        ("", &["config.reload", "company.import", "job.resume", "job.pause"][..]),
        ("actor=ops", &["job.resume", "job.pause"]),
        ("actor=cli:me&subject=130A", &["company.import"]),
        ("action=job.pause", &["job.pause"]),
        ("subject=prices", &["job.resume", "job.pause"]),
        ("since=2026-01-05&until=2026-01-06", &["job.pause"]),
        ("since=2026-01-05T00:00:01Z&actor=ops", &["job.resume"]),
        ("until=2026-01-04", &[]),
        ("actor=op", &[]),
        ("actor=", &["config.reload", "company.import", "job.resume", "job.pause"]),
    ] {
        let found: Vec<_> = rows(&world, query).await.iter().map(|row| row["action"].clone()).collect();
        assert_eq!(found, actions, "{query}");
    }
    let ask = async |query: &str| {
        world.send("GET", &format!("/audit?{query}"), &[("authorization", "Bearer root-token")], "").await
    };
    let first = ask("limit=3").await.json();
    assert_eq!(first["items"].as_array().unwrap().len(), 3);
    let rest = ask(&format!("limit=3&cursor={}", first["nextCursor"].as_str().unwrap())).await.json();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["nextCursor"]), (1, &json!(null)));
    assert_eq!(rest["items"][0]["action"], "job.pause");
    for (query, param) in [
        ("since=soon", "since"),
        ("until=x", "until"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("colour=red", "colour"),
        ("subject=%00", "subject"),
        (&format!("actor={}", "a".repeat(129)), "actor"),
    ] {
        let reply = ask(query).await;
        assert_eq!((reply.status, reply.named()), (StatusCode::BAD_REQUEST, vec![param.to_owned()]), "{query}");
    }
});

on_both_databases!(rows_are_kept_for_a_year, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let connection = world.database.connection();
    let now: DateTime<Utc> = "2027-03-01T00:00:00Z".parse().unwrap();
    for (action, age) in [("young", 364), ("old", 366)] {
        let change = Change { action, subject: "prices", before: None, after: None, note: "" };
        store::record(connection, &Actor::config(), &change).await.unwrap();
        let at = now - TimeDelta::days(age);
        execute(connection, "UPDATE audit SET at = $1 WHERE action = $2", [at.into(), action.into()]).await.unwrap();
    }
    let once = CancellationToken::new();
    once.cancel();
    purge_old_runs(&world.database, &Registry::default(), &Clock::fixed(now), &once).await;
    let left = store::list(connection, &AuditFilter { limit: 9, ..AuditFilter::default() }).await.unwrap();
    assert_eq!(left.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["young"]);
});

#[tokio::test]
async fn without_a_token_the_actor_is_local_and_the_audit_is_open_to_this_host() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    world.post("/jobs/prices/pause", "").await;
    let row = world.get("/audit").await.json()["items"][0].clone();
    assert_eq!((&row["actor"], &row["via"], &row["action"]), (&json!("local"), &json!("http"), &json!("job.pause")));
    assert_eq!(row["requestId"].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn an_old_client_with_the_one_token_works_and_is_named_default() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { tokens: &["old"], ..Options::default() }).await;
    let old = [("authorization", "Bearer old")];
    assert_eq!(world.send("POST", "/jobs/prices/pause", &old, "").await.status, StatusCode::OK);
    assert_eq!(world.get("/audit").await.status, StatusCode::UNAUTHORIZED, "reads are open, but not these");
    let rows = world.send("GET", "/audit", &old, "").await.json();
    assert_eq!(rows["items"][0]["actor"], "default");
}

#[tokio::test]
async fn a_note_of_any_size_and_a_long_list_stay_small() {
    let store = TestStore::sqlite();
    let world = guarded(&store, Options { permits: 0, ..Options::default() }).await;
    let many: Vec<String> = (0..2000).map(|_| "1001".to_owned()).collect();
    let body = json!({"companies": many, "note": "n".repeat(1000)}).to_string();
    let headers = [("authorization", "Bearer ops-token")];
    assert_eq!(world.send("POST", "/jobs/prices/run", &headers, &body).await.status, StatusCode::ACCEPTED);
    let row = &rows(&world, "").await[0];
    assert_eq!(row["note"].as_str().unwrap().len(), 1000);
    assert!(row.to_string().len() < 5000, "{row}");
}
