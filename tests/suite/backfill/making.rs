//! Which items a backfill gets, and what cannot be asked.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use data_infrastructure::{db, jobs::store};
use serde_json::{Value, json};

use super::{
    job::{Deed, Keys},
    replica::{Replica, ask, of_job},
};
use crate::support::on_both_databases;

const NONE: &str = "01980000-0000-7000-8000-000000000000";

fn keys_of(items: &[(String, String)]) -> Vec<&str> {
    items.iter().map(|(key, _)| key.as_str()).collect()
}

fn named(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["param"].as_str().unwrap()).collect()
}

impl Replica {
    /// A run by hand, to its end.
    async fn run_by_hand(&self, body: &str) -> Value {
        let (status, run) = ask(&self.router, "POST", &of_job("/run"), &[("prefer", "wait=20")], body).await;
        assert_eq!(status, 200, "{run}");
        run
    }
}

on_both_databases!(each_mode_takes_its_keys, |store: TestStore| async {
    let keys = Keys::new(["a", "b", "c", "d"]);
    *keys.missing.lock().unwrap() = Some(vec!["c".to_owned(), "b".to_owned()]);
    let replica = Replica::start(&store, &keys, &[]).await;
    keys.tell("c", Deed::Fail);
    keys.tell("d", Deed::Fail);
    replica.run_by_hand(r#"{"companies":["a","b","c","d"]}"#).await;
    keys.tell("d", Deed::Succeed);
    replica.run_by_hand(r#"{"companies":["d"]}"#).await;
    // A dry run has repaired nothing.
    keys.tell("c", Deed::Succeed);
    replica.run_by_hand(r#"{"companies":["c"],"dryRun":true}"#).await;

    for (body, wanted, mode) in [
        (r#"{"mode":"failed"}"#, vec!["c"], "incremental"),
        (r#"{"mode":"missing","from":"2019-01-01","to":"2019-12-31"}"#, vec!["b", "c"], "missing"),
        (r#"{"mode":"all"}"#, vec!["a", "b", "c", "d"], "full"),
        (r#"{"companies":["d","c"]}"#, vec!["c"], "missing"),
    ] {
        let made = replica.make(body).await;
        let seen = replica.until(&made, |backfill| backfill["run"].is_string() || backfill["state"] != "running").await;
        let ended = replica.reaches(&made, "succeeded").await;
        assert_eq!(keys_of(&replica.items(&made).await), wanted, "{body}");
        assert_eq!((&ended["total"], &ended["percent"]), (&json!(wanted.len()), &json!(100.0)), "{body}");
        let items = replica.get(&format!("{made}/items")).await;
        let run = replica.run(&items["items"][0]["runId"]).await;
        assert_eq!(
            (run.trigger.as_str(), run.params.companies),
            ("backfill", wanted.iter().map(ToString::to_string).collect())
        );
        assert_eq!(serde_json::to_value(run.params.mode).unwrap(), mode);
        assert_eq!(run.params.from.is_some(), body.contains("2019"), "{seen}");
    }
    // What failed last has been done meanwhile.
    let (_, plan) = replica.post(&of_job("/backfills"), r#"{"mode":"failed","dryRun":true}"#).await;
    assert_eq!((&plan["total"], &plan["nothingToDo"]), (&json!(0), &json!(4)));
    replica.end().await;
});

on_both_databases!(a_dry_run_lists_what_would_be_done_and_makes_nothing, |store: TestStore| async {
    let keys = Keys::new(["a", "b", "c"]);
    *keys.missing.lock().unwrap() = Some(vec!["b".to_owned()]);
    let replica = Replica::start(&store, &keys, &[]).await;
    let (status, plan) = replica.post(&of_job("/backfills"), r#"{"dryRun":true}"#).await;
    assert_eq!(status, 200);
    assert_eq!(plan, json!({"items": [{"key": "b", "message": "all of b"}], "total": 1, "nothingToDo": 2}));
    let (_, plan) = replica.post(&of_job("/backfills"), r#"{"dryRun":true,"mode":"all"}"#).await;
    assert_eq!(
        (&plan["total"], &plan["nothingToDo"], &plan["items"][0]["message"]),
        (&json!(3), &json!(0), &json!(null))
    );
    assert_eq!(replica.backfiller.drive().await.unwrap(), 0);
    assert_eq!(replica.get(&of_job("/backfills")).await["items"], json!([]));
    assert_eq!(replica.get("/runs").await["items"], json!([]));
    replica.end().await;
});

on_both_databases!(where_nothing_is_missing_a_backfill_has_succeeded_at_once, |store: TestStore| async {
    let keys = Keys::new(["a"]);
    *keys.missing.lock().unwrap() = Some(Vec::new());
    let replica = Replica::new(&store, &keys, &[]).await;
    let (status, made) = replica.post(&of_job("/backfills"), "").await;
    assert_eq!((status, &made["state"], &made["total"]), (202, &json!("succeeded"), &json!(0)));
    assert_eq!((&made["percent"], &made["etaSeconds"], &made["run"]), (&json!(100.0), &json!(null), &json!(null)));
    assert!(made["finishedAt"].is_string());
    replica.end().await;
});

on_both_databases!(everything_wrong_with_a_request_is_named_at_once_and_nothing_is_made, |store: TestStore| async {
    let replica = Replica::new(&store, &Keys::new(["a"]), &[]).await;
    let path = of_job("/backfills");
    let body = r#"{"from":"2026-02-30","companies":["a","zz"],"mode":"full","maxParallel":65,"colour":"red"}"#;
    let (status, problem) = replica.post(&path, body).await;
    assert_eq!((status, named(&problem)), (422, vec!["colour", "from", "maxParallel", "mode", "companies"]));
    for (body, params) in [
        (r#"{"from":"2026-01-02","to":"2026-01-01"}"#, ["from"]),
        (r#"{"companies":["zz"]}"#, ["companies"]),
        (r#"{"companies":["zz"],"dryRun":true}"#, ["companies"]),
        (r#"{"maxParallel":0}"#, ["maxParallel"]),
        (r#"{"from":"2999-01-01"}"#, ["from"]),
        (r#"{"from":"2999-01-01","to":"2999-12-31","mode":"all","dryRun":true}"#, ["from"]),
        (r#"[]"#, ["body"]),
    ] {
        let (status, problem) = replica.post(&path, body).await;
        assert_eq!((status, named(&problem)), (422, params.to_vec()), "{body}");
    }
    assert_eq!(replica.post(&path, "{\"from\":").await.0, 400);
    for query in ["state=lost", "limit=0", "cursor=x", "colour=red"] {
        let (status, _) = ask(&replica.router, "GET", &format!("{path}?{query}"), &[], "").await;
        assert_eq!(status, 400, "{query}");
    }
    assert_eq!(replica.get(&path).await["items"], json!([]));
    replica.end().await;
});

on_both_databases!(what_names_no_job_and_no_backfill_is_404, |store: TestStore| async {
    let replica = Replica::new(&store, &Keys::new(["a"]), &[]).await;
    assert_eq!(replica.post("/jobs/rates/backfills", "").await.0, 404);
    assert_eq!(ask(&replica.router, "GET", "/jobs/rates/backfills", &[], "").await.0, 404);
    for id in [NONE, "latest", "%20"] {
        for path in ["", "/items"] {
            let (status, _) = ask(&replica.router, "GET", &format!("/backfills/{id}{path}"), &[], "").await;
            assert_eq!(status, 404, "{id}{path}");
        }
        for action in ["pause", "resume", "cancel", "retry"] {
            assert_eq!(replica.post(&format!("/backfills/{id}/{action}"), "").await.0, 404, "{id}/{action}");
        }
    }
    replica.end().await;
});

on_both_databases!(a_repeat_with_the_same_key_makes_no_second_backfill, |store: TestStore| async {
    let replica = Replica::new(&store, &Keys::new(["a"]), &[]).await;
    let path = of_job("/backfills");
    let key = [("idempotency-key", "monday")];
    let (status, first) = ask(&replica.router, "POST", &path, &key, r#"{"mode":"all"}"#).await;
    assert_eq!(status, 202);
    let (_, again) = ask(&replica.router, "POST", &path, &key, r#"{ "mode": "all", "from": null }"#).await;
    assert_eq!(first["id"], again["id"]);
    let (status, problem) = ask(&replica.router, "POST", &path, &key, "{}").await;
    assert_eq!((status, named(&problem)), (422, vec!["Idempotency-Key"]));
    // The key is taken for runs too.
    let (status, problem) = ask(&replica.router, "POST", &of_job("/run"), &key, "").await;
    assert_eq!((status, named(&problem)), (422, vec!["Idempotency-Key"]));
    assert_eq!(replica.get(&path).await["items"].as_array().unwrap().len(), 1);
    replica.end().await;
});

on_both_databases!(backfills_and_items_are_listed_in_pages, |store: TestStore| async {
    let keys = Keys::new(["a", "b", "c"]);
    keys.tell("b", Deed::Fail);
    let replica = Replica::start(&store, &keys, &[]).await;
    let mut made = Vec::new();
    for _ in 0..3 {
        let path = replica.make(r#"{"mode":"all","note":"why"}"#).await;
        let ended = replica.reaches(&path, "partial").await;
        made.insert(0, ended["id"].as_str().unwrap().to_owned());
        let failed = replica.get(&format!("{path}/items?state=failed")).await;
        assert_eq!((failed["items"].as_array().unwrap().len(), &failed["items"][0]["error"]), (1, &json!("as told")));
        let page = replica.get(&format!("{path}/items?limit=2")).await;
        let cursor = page["nextCursor"].as_str().unwrap();
        let rest = replica.get(&format!("{path}/items?limit=2&cursor={cursor}")).await;
        assert_eq!((&rest["items"][0]["key"], &rest["nextCursor"]), (&json!("c"), &json!(null)));
        let page = replica.get(&format!("{path}/items?state=succeeded&limit=1")).await;
        assert_eq!((&page["items"][0]["key"], &page["nextCursor"]), (&json!("a"), &json!("0:a")));
        let rest = replica.get(&format!("{path}/items?state=succeeded&limit=1&cursor=0:a")).await;
        assert_eq!((&rest["items"][0]["key"], &rest["nextCursor"]), (&json!("c"), &json!(null)));
        assert_eq!(rest["items"][0]["rows"]["inserted"], 1);
        assert!(rest["items"][0]["startedAt"].is_string() && rest["items"][0]["finishedAt"].is_string());
    }
    let ids = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = replica.get(&of_job("/backfills?limit=2")).await;
    assert_eq!(ids(&first), made[..2]);
    let told = &first["items"][0];
    assert_eq!(
        told["counts"],
        json!({"pending": 0, "running": 0, "succeeded": 2, "failed": 1, "skipped": 0, "cancelled": 0})
    );
    assert_eq!((&told["note"], &told["error"]), (&json!("why"), &json!("1 of 3 items failed")));
    assert_eq!((&told["rows"]["inserted"], &told["maxParallel"]), (&json!(2), &json!(2)));
    let rest = replica.get(&of_job(&format!("/backfills?cursor={}", first["nextCursor"].as_str().unwrap()))).await;
    assert_eq!(ids(&rest), made[2..]);
    assert_eq!(ids(&replica.get(&of_job("/backfills?state=partial")).await).len(), 3);
    assert_eq!(ids(&replica.get(&of_job("/backfills?state=running")).await).len(), 0);
    replica.end().await;
});

on_both_databases!(four_thousand_keys_are_made_and_told_within_seconds, |store: TestStore| async {
    let replica = Replica::new(&store, &Keys::new((0..4000).map(|n| format!("{n:04}"))), &[]).await;
    let began = Instant::now();
    let path = replica.make(r#"{"mode":"all"}"#).await;
    assert_eq!(replica.backfiller.drive().await.unwrap(), 1);
    let told = replica.get(&path).await;
    assert_eq!((&told["total"], &told["counts"]["pending"]), (&json!(4000), &json!(4000)));
    assert!(told["run"].is_string());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    replica.end().await;
});

on_both_databases!(old_backfills_are_deleted_and_results_to_collect_are_kept, |store: TestStore| async {
    let keys = Keys::new(["a"]);
    let mut replica = Replica::start(&store, &keys, &[]).await;
    let old = replica.make(r#"{"mode":"all"}"#).await;
    replica.reaches(&old, "succeeded").await;
    replica.stop_loops().await;
    let new = replica.make(r#"{"mode":"all"}"#).await;
    replica.backfiller.drive().await.unwrap();
    let connection = replica.database.connection();
    let finish =
        "UPDATE run SET state = 'succeeded', total = 1, done = 1, finished_at = created_at WHERE state = 'queued'";
    db::execute(connection, finish, []).await.unwrap();
    let later: DateTime<Utc> = "2100-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(store::purge_backfills(connection, "keys", later).await.unwrap(), 1);
    assert_eq!(store::purge_runs(connection, "keys", later).await.unwrap(), 1);
    assert_eq!(ask(&replica.router, "GET", &old, &[], "").await.0, 404);
    let items = db::one(connection, "SELECT count(*) FROM backfill_item", []).await.unwrap().unwrap();
    assert_eq!(items.try_get_by_index::<i64>(0).unwrap(), 1);
    replica.backfiller.drive().await.unwrap();
    assert_eq!(replica.get(&new).await["state"], "succeeded");
    assert_eq!(store::purge_runs(connection, "keys", later).await.unwrap(), 1);
    replica.end().await;
});
