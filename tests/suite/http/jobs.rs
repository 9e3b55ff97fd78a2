//! Jobs: listing, starting, pausing, ticks.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use data_infrastructure::jobs::{RunId, Tick, TickOutcome, settings::Overlap, store};
use serde_json::json;

use super::world::{Options, World};
use crate::support::{TestStore, on_both_databases};

on_both_databases!(a_job_is_told_with_its_ticks_and_its_last_run, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let list = world.get("/jobs").await.json();
    assert_eq!(list["nextCursor"], json!(null));
    let job = &list["items"][0];
    assert_eq!((&job["name"], &job["schedule"]), (&json!("prices"), &json!("0 18 * * Mon-Fri")));
    assert_eq!((&job["timezone"], &job["enabled"]), (&json!("Asia/Tokyo"), &json!(true)));
    assert_eq!((&job["paused"], &job["lastRun"]), (&json!(false), &json!(null)));
    assert_eq!(job["nextRuns"].as_array().unwrap().len(), 5);
    assert_eq!(job["scheduleInWords"], "at 18:00 from Monday to Friday, Asia/Tokyo time");
    assert_eq!(job["nextRuns"][0], "2026-11-21T09:00:00Z");

    let run = world.run_to_its_end("").await;
    let job = world.get("/jobs/prices").await.json();
    assert_eq!(job["lastRun"]["id"], run["id"]);
});

on_both_databases!(a_run_that_is_waited_for_comes_back_finished, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let run = world.run_to_its_end(r#"{"from":"2019-01-01","companies":["1001"],"note":"why"}"#).await;
    assert_eq!(run["state"], "succeeded");
    assert_eq!(run["trigger"], "manual");
    assert_eq!(run["progress"], json!({"total": 1, "done": 1, "failed": 0, "etaSeconds": null}));
    assert_eq!(run["rows"], json!({"fetched": 5, "inserted": 3, "updated": 0, "unchanged": 2, "rejected": 0}));
    let params =
        json!({"from": "2019-01-01", "to": null, "companies": ["1001"], "mode": "incremental", "dryRun": false});
    assert_eq!(run["params"], params);
    assert_eq!((&run["scheduledFor"], &run["error"], &run["note"]), (&json!(null), &json!(null), &json!("why")));
    let own = format!("/runs/{}", run["id"].as_str().unwrap());
    assert_eq!((&run["links"]["self"], &run["links"]["tasks"]), (&json!(own), &json!(format!("{own}/tasks"))));
    for instant in ["createdAt", "startedAt", "finishedAt"] {
        assert!(run[instant].as_str().unwrap().ends_with('Z'), "{instant}");
    }
});

#[tokio::test]
async fn a_run_that_is_not_waited_for_is_202_with_its_address() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { permits: 0, ..Options::default() }).await;
    let reply = world.post("/jobs/prices/run", "{}").await;
    assert_eq!(reply.status, StatusCode::ACCEPTED);
    assert_eq!(reply.header("location"), reply.json()["links"]["self"]);
    let reply = world.send("POST", "/jobs/prices/run", &[("prefer", "wait=0")], "").await;
    assert_eq!((reply.status, reply.header("preference-applied")), (StatusCode::ACCEPTED, "wait=0"));
}

#[tokio::test]
async fn a_job_that_takes_no_input_refuses_one() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    let reply = world.post("/jobs/prices/run", r#"{"input":"0198"}"#).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(reply.named(), ["input"]);
}

on_both_databases!(a_repeat_with_the_same_key_makes_no_second_run, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let key = [("idempotency-key", "monday")];
    let first = world.send("POST", "/jobs/prices/run", &key, r#"{"mode":"full"}"#).await;
    let again = world.send("POST", "/jobs/prices/run", &key, r#"{ "mode": "full", "from": null }"#).await;
    assert_eq!((first.status, again.status), (StatusCode::ACCEPTED, StatusCode::ACCEPTED));
    assert_eq!(first.json()["id"], again.json()["id"]);
    let other = world.send("POST", "/jobs/prices/run", &key, "{}").await;
    assert_eq!((other.status, other.named()), (StatusCode::UNPROCESSABLE_ENTITY, vec!["Idempotency-Key".to_owned()]));
    let long = "k".repeat(256);
    for key in ["", "schlüssel", &long] {
        let reply = world.send("POST", "/jobs/prices/run", &[("idempotency-key", key)], "{}").await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{key}");
    }
    assert_eq!(world.get("/runs").await.json()["items"].as_array().unwrap().len(), 1);
});

#[tokio::test]
async fn everything_wrong_with_a_request_is_named_at_once_and_nothing_runs() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    let body = r#"{"from":"2026-02-30","companies":["9999"],"mode":"all","colour":"red"}"#;
    let reply = world.post("/jobs/prices/run", body).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(reply.named(), ["colour", "from", "mode", "companies"]);
    assert!(reply.text.contains("9999") && reply.text.contains("2026-02-30"), "{}", reply.text);

    let reply = world.post("/jobs/prices/run", r#"{"from":"2026-01-02","to":"2026-01-01"}"#).await;
    assert_eq!((reply.status, reply.named()), (StatusCode::UNPROCESSABLE_ENTITY, vec!["from".to_owned()]));
    // It is 2026-11-20 18:00 in Tokyo, the job's zone.
    for body in [r#"{"from":"2026-11-21"}"#, r#"{"from":"2030-01-01","to":"2031-01-01","dryRun":true}"#] {
        let reply = world.post("/jobs/prices/run", body).await;
        assert_eq!((reply.status, reply.named()), (StatusCode::UNPROCESSABLE_ENTITY, vec!["from".to_owned()]));
        assert!(reply.text.contains("is after today (2026-11-20)"), "{}", reply.text);
    }
    let reply = world.post("/jobs/prices/run", r#"{"from":"2030-01-01","mode":"all"}"#).await;
    assert_eq!(reply.named(), ["mode", "from"]);
    let reply = world.post("/jobs/prices/run", r#"{"companies":["9999"]}"#).await;
    assert_eq!((reply.status, reply.named()), (StatusCode::UNPROCESSABLE_ENTITY, vec!["companies".to_owned()]));
    assert_eq!(world.post("/jobs/prices/run", "{\"from\":").await.status, StatusCode::BAD_REQUEST);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let reply = world.send("POST", "/jobs/prices/run", &form, "from=2026-01-01").await;
    assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(world.get("/runs").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_range_may_begin_today_and_end_later() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    let reply = world.post("/jobs/prices/run", r#"{"from":"2026-11-20","to":"2026-11-30"}"#).await;
    assert_eq!(reply.status, StatusCode::ACCEPTED, "{}", reply.text);
}

#[tokio::test]
async fn an_unknown_job_is_404_whatever_is_asked_of_it() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options::default()).await;
    for path in ["/jobs/rates", "/jobs/rates/ticks", "/jobs/%20"] {
        assert_eq!(world.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/jobs/rates/run", "/jobs/rates/pause", "/jobs/rates/resume"] {
        let reply = world.post(path, "").await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert!(reply.json()["message"].as_str().unwrap().contains("rates"));
    }
}

on_both_databases!(a_second_run_of_a_job_that_skips_overlaps_is_409_with_a_link, |store: TestStore| async {
    let world = World::new(&store, Options { overlap: Overlap::Skip, permits: 0, ..Options::default() }).await;
    let first = world.start("").await;
    let reply = world.post("/jobs/prices/run", "").await;
    assert_eq!(reply.status, StatusCode::CONFLICT);
    assert_eq!(reply.json()["link"], first.as_str());
    assert_eq!(reply.header("link"), format!("<{first}>; rel=\"related\""));
    world.permits.add_permits(10);
    world.until(&first, |run| run["state"] == "succeeded").await;
    assert_eq!(world.post("/jobs/prices/run", "").await.status, StatusCode::ACCEPTED);
});

on_both_databases!(pausing_lasts_and_can_be_undone, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    for _ in 0..2 {
        let reply = world.post("/jobs/prices/pause", "").await;
        assert_eq!((reply.status, &reply.json()["paused"]), (StatusCode::OK, &json!(true)));
    }
    assert_eq!(world.get("/jobs").await.json()["items"][0]["paused"], true);
    assert!(store::find_job(world.database.connection(), "prices").await.unwrap().unwrap().paused);
    assert_eq!(world.post("/jobs/prices/resume", "").await.json()["paused"], false);
    assert_eq!(world.get("/jobs/prices").await.json()["paused"], false);
});

#[tokio::test]
async fn a_disabled_job_has_no_ticks_ahead() {
    let store = TestStore::sqlite();
    let world = World::new(&store, Options { enabled: false, ..Options::default() }).await;
    let job = world.get("/jobs/prices").await.json();
    assert_eq!((&job["enabled"], &job["nextRuns"]), (&json!(false), &json!([])));
}

on_both_databases!(ticks_are_listed_newest_first_by_instant_and_outcome, |store: TestStore| async {
    let world = World::new(&store, Options::default()).await;
    let start: DateTime<Utc> = "2026-11-16T09:00:00Z".parse().unwrap();
    for day in 0..5 {
        let outcome = if day == 0 { TickOutcome::SkippedPaused } else { TickOutcome::Fired };
        let run_id = (day > 0).then(RunId::generate);
        let tick = Tick { scheduled_for: start + TimeDelta::days(day), outcome, run_id, lateness_ms: day };
        assert_eq!(store::record_ticks(world.database.connection(), &[("prices", tick)]).await.unwrap().len(), 1);
    }
    let page = world.get("/jobs/prices/ticks?limit=2").await.json();
    assert_eq!(page["items"][0]["scheduledFor"], "2026-11-20T09:00:00Z");
    assert_eq!((&page["items"][0]["outcome"], &page["items"][0]["latenessMs"]), (&json!("fired"), &json!(4)));
    assert!(page["items"][0]["runId"].is_string());
    let rest = world.get(&format!("/jobs/prices/ticks?cursor={}", page["nextCursor"].as_str().unwrap())).await.json();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["nextCursor"]), (3, &json!(null)));
    let paused = world.get("/jobs/prices/ticks?outcome=skipped_paused").await.json();
    assert_eq!((paused["items"].as_array().unwrap().len(), &paused["items"][0]["runId"]), (1, &json!(null)));
    let some =
        world.get("/jobs/prices/ticks?since=2026-11-17T18:00:00%2B09:00&until=2026-11-18T23:59:59Z").await.json();
    assert_eq!(some["items"].as_array().unwrap().len(), 2);
    for (query, param) in [
        ("since=soon", "since"),
        ("since=2026-11-20&until=2026-11-01", "until"),
        ("since=2026-11-20&until=2026-11-20T09:00:00%2B09:00", "until"),
        ("outcome=lost", "outcome"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("size=1", "size"),
    ] {
        let reply = world.get(&format!("/jobs/prices/ticks?{query}")).await;
        assert_eq!((reply.status, reply.named()), (StatusCode::BAD_REQUEST, vec![param.to_owned()]), "{query}");
    }
});
