//! A backfill on its way: its window, what goes before it, and who drives it.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use data_infrastructure::jobs::{
    RunState, Trigger,
    store::{self, RunFilter, TickFilter},
};
use serde_json::json;

use super::{
    job::{Deed, Keys, NAME},
    replica::{Replica, ask, of_job},
};
use crate::support::on_both_databases;

on_both_databases!(a_slow_key_holds_no_other_up_and_the_window_is_never_exceeded, |store: TestStore| async {
    let keys = Keys::numbered(120);
    keys.tell_all(Deed::Take(2));
    keys.tell("k000", Deed::Wait);
    let replica = Replica::start(&store, &keys, &[]).await;
    let path = replica.make(r#"{"mode":"all","maxParallel":3}"#).await;
    keys.until(|keys| keys.done().len() == 119).await;
    assert_eq!(keys.under_way(), ["k000"]);
    let told = replica.until(&path, |told| told["counts"]["succeeded"] == 119).await;
    assert_eq!((&told["state"], &told["counts"]["running"]), (&json!("running"), &json!(1)));
    keys.let_go("k000");
    replica.reaches(&path, "succeeded").await;
    assert!(keys.each_once() && keys.most() == 3, "{} at once", keys.most());
    replica.end().await;
});

on_both_databases!(a_scheduled_run_goes_first_and_the_backfill_then_goes_on, |store: TestStore| async {
    let keys = Keys::numbered(12);
    keys.tell_all(Deed::Wait);
    keys.tell("k001", Deed::Deaf);
    let replica = Replica::start(&store, &keys, &[]).await;
    replica.set_now("2026-01-10T00:00:00Z");
    replica.planner.plan().await.unwrap();
    let path = replica.make(r#"{"mode":"all","maxParallel":3}"#).await;
    keys.let_go("k000");
    keys.until(|keys| keys.done().len() == 1 && keys.under_way().len() == 3).await;
    let part = replica.until(&path, |told| told["counts"]["running"] == 3).await;

    let began = Instant::now();
    replica.set_now("2026-01-10T01:00:00Z");
    replica.planner.plan().await.unwrap();
    let filter = TickFilter { limit: 9, ..TickFilter::default() };
    let ticks = store::list_ticks(replica.database.connection(), NAME, &filter).await.unwrap();
    assert_eq!((ticks.len(), ticks[0].outcome.as_str()), (1, "fired"));
    let run = format!("/runs/{}", ticks[0].run_id.as_ref().unwrap());
    let run = replica.until(&run, |run| run["finishedAt"].is_string()).await;
    assert_eq!((&run["state"], &run["trigger"]), (&json!("succeeded"), &json!("schedule")));
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert!(!keys.overlapped.load(Ordering::SeqCst), "runs of one job do not overlap");

    keys.let_all_go();
    replica.reaches(&path, "succeeded").await;
    assert!(keys.each_once(), "{:?}", keys.done());
    // It was one run all along, and neither it nor a task of it lost an attempt.
    let whole = replica.run(&part["run"]).await;
    assert_eq!((whole.state, whole.attempt, whole.done), (RunState::Succeeded, 1, 12));
    let tasks = store::list_tasks(replica.database.connection(), &whole.id, None, None, 500).await.unwrap();
    assert!(tasks.iter().all(|task| task.attempts == 1), "{tasks:?}");
    replica.end().await;
});

on_both_databases!(a_run_by_hand_goes_first_whatever_the_overlap, |store: TestStore| async {
    for overlap in ["skip", "queue", "replace"] {
        let keys = Keys::numbered(6);
        keys.tell_all(Deed::Wait);
        let replica = Replica::start(&store, &keys, &[("OVERLAP", overlap)]).await;
        let path = replica.make(r#"{"mode":"all"}"#).await;
        keys.until(|keys| keys.under_way().len() == 2).await;
        let (status, run) = ask(&replica.router, "POST", &of_job("/run"), &[("prefer", "wait=20")], "").await;
        assert_eq!((status, &run["state"]), (200, &json!("succeeded")), "{overlap}: {run}");
        keys.let_all_go();
        replica.reaches(&path, "succeeded").await;
        assert!(keys.each_once() && !keys.overlapped.load(Ordering::SeqCst), "{overlap}");
        replica.end().await;
    }
});

on_both_databases!(where_runs_may_overlap_nobody_waits_for_anybody, |store: TestStore| async {
    let keys = Keys::numbered(6);
    keys.tell_all(Deed::Wait);
    let replica = Replica::start(&store, &keys, &[("OVERLAP", "allow")]).await;
    let path = replica.make(r#"{"mode":"all"}"#).await;
    keys.until(|keys| keys.under_way().len() == 2).await;
    let (status, run) = ask(&replica.router, "POST", &of_job("/run"), &[("prefer", "wait=20")], "").await;
    assert_eq!((status, &run["state"]), (200, &json!("succeeded")));
    assert_eq!(keys.under_way().len(), 2);
    assert!(keys.overlapped.load(Ordering::SeqCst));
    keys.let_all_go();
    replica.reaches(&path, "succeeded").await;
    replica.end().await;
});

on_both_databases!(two_replicas_do_each_item_once, |store: TestStore| async {
    let keys = Keys::numbered(150);
    keys.tell_all(Deed::Take(1));
    let (one, two) = (Replica::start(&store, &keys, &[]).await, Replica::start(&store, &keys, &[]).await);
    let path = one.make(r#"{"mode":"all","maxParallel":4}"#).await;
    for _ in 0..20 {
        let (a, b) = tokio::join!(one.backfiller.drive(), two.backfiller.drive());
        a.unwrap();
        b.unwrap();
    }
    two.reaches(&path, "succeeded").await;
    assert!(keys.each_once(), "{:?}", keys.done());
    let filter = RunFilter { trigger: Some(Trigger::Backfill), limit: 100, ..RunFilter::default() };
    assert_eq!(store::list_runs(one.database.connection(), &filter).await.unwrap().len(), 1);
    one.end().await;
    two.end().await;
});

on_both_databases!(a_backfill_outlives_the_process_that_works_on_it, |store: TestStore| async {
    let keys = Keys::numbered(20);
    keys.tell_all(Deed::Wait);
    let mut one = Replica::start(&store, &keys, &[]).await;
    let path = one.make(r#"{"mode":"all","maxParallel":2}"#).await;
    for key in ["k000", "k001", "k002"] {
        keys.let_go(key);
    }
    keys.until(|keys| keys.done().len() == 3 && keys.under_way().len() == 2).await;
    one.stop_loops().await;
    let two = Replica::start(&store, &keys, &[]).await;
    one.expire_leases().await;
    let run = two.get(&path).await["run"].clone();
    two.until(&format!("/runs/{}", run.as_str().unwrap()), |run| run["attempt"] == 2 && run["state"] == "running")
        .await;
    keys.let_all_go();
    let ended = two.reaches(&path, "succeeded").await;
    assert_eq!((&ended["counts"]["succeeded"], &ended["rows"]["inserted"]), (&json!(20), &json!(20)));
    assert!(keys.each_once(), "{:?}", keys.done());
    one.end().await;
    two.end().await;
});

on_both_databases!(two_backfills_of_one_job_both_come_to_their_end, |store: TestStore| async {
    let keys = Keys::numbered(10);
    let replica = Replica::start(&store, &keys, &[]).await;
    let (one, two) = (replica.make(r#"{"mode":"all"}"#).await, replica.make(r#"{"companies":["k003"]}"#).await);
    replica.reaches(&one, "succeeded").await;
    replica.reaches(&two, "succeeded").await;
    assert_eq!(keys.done()["k003"], 2);
    replica.end().await;
});

on_both_databases!(percent_and_eta_follow_what_is_done, |store: TestStore| async {
    let keys = Keys::numbered(8);
    keys.tell_all(Deed::Wait);
    keys.tell("k000", Deed::Take(1100));
    keys.tell("k001", Deed::Take(1100));
    let replica = Replica::start(&store, &keys, &[]).await;
    let path = replica.make(r#"{"mode":"all","maxParallel":2}"#).await;
    let before = replica.until(&path, |told| told["counts"]["running"] == 2).await;
    assert_eq!((&before["percent"], &before["etaSeconds"]), (&json!(0.0), &json!(null)));
    let told = replica.until(&path, |told| told["counts"]["succeeded"] == 2).await;
    // Six are left, two at once: three times what one took, a little over a second.
    assert_eq!(told["percent"], json!(25.0));
    let eta = told["etaSeconds"].as_u64().unwrap();
    assert!((4..=9).contains(&eta), "{eta}");
    replica.post(&format!("{path}/pause"), "").await;
    assert_eq!(replica.get(&path).await["etaSeconds"], json!(null));
    replica.post(&format!("{path}/resume"), "").await;
    keys.let_all_go();
    let ended = replica.reaches(&path, "succeeded").await;
    assert_eq!((&ended["percent"], &ended["etaSeconds"], &ended["run"]), (&json!(100.0), &json!(null), &json!(null)));
    let counted = "datainfra_job_runs_total{job_name=\"keys\",state=\"succeeded\",trigger=\"backfill\"} 1";
    assert!(replica.metrics.render().unwrap().contains(counted));
    replica.end().await;
});
