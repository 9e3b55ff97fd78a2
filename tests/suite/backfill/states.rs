//! Pause, resume, cancel, retry: in every state.

use std::time::{Duration, Instant};

use data_infrastructure::{
    db,
    jobs::{RunState, store},
};
use serde_json::json;

use super::{
    job::{Deed, Keys, NAME},
    replica::{Replica, ask, of_job},
};
use crate::support::on_both_databases;

on_both_databases!(a_pause_lets_what_is_under_way_end_and_begins_nothing_more, |store: TestStore| async {
    let keys = Keys::numbered(8);
    keys.tell_all(Deed::Wait);
    let replica = Replica::start(&store, &keys, &[]).await;
    let path = replica.make(r#"{"mode":"all","maxParallel":2}"#).await;
    keys.until(|keys| keys.under_way().len() == 2).await;
    let (status, told) = replica.post(&format!("{path}/pause"), "").await;
    assert_eq!((status, &told["state"]), (200, &json!("paused")));
    let run = replica.get(&path).await["run"].clone();
    let run_path = format!("/runs/{}", run.as_str().unwrap());
    // Time enough for the pause to be heard of; the two are not stopped by it.
    for _ in 0..3 {
        replica.backfiller.drive().await.unwrap();
    }
    assert_eq!(keys.under_way().len(), 2);
    keys.let_all_go();
    replica.until(&run_path, |run| run["state"] == "queued").await;
    let told = replica.until(&path, |told| told["counts"]["succeeded"] == 2).await;
    assert_eq!(
        (&told["state"], &told["counts"]["pending"], &told["counts"]["failed"]),
        (&json!("paused"), &json!(6), &json!(0))
    );
    // Nobody takes it up again, though it is queued.
    let claimed = store::claim_next(&replica.database, replica.executor.claimant(), &[(NAME, true)], 9).await.unwrap();
    assert!(claimed.is_empty(), "{claimed:?}");
    assert_eq!((keys.done().len(), &replica.get(&run_path).await["state"]), (2, &json!("queued")));

    let (status, told) = replica.post(&format!("{path}/resume"), "").await;
    assert_eq!((status, &told["state"]), (200, &json!("running")));
    replica.reaches(&path, "succeeded").await;
    let run = replica.run(&run).await;
    assert_eq!((run.state, run.done, run.attempt), (RunState::Succeeded, 8, 1));
    assert!(keys.each_once());
    replica.end().await;
});

on_both_databases!(a_pause_during_the_last_items_ends_with_them, |store: TestStore| async {
    let keys = Keys::numbered(2);
    keys.tell_all(Deed::Wait);
    let replica = Replica::start(&store, &keys, &[]).await;
    let path = replica.make(r#"{"mode":"all","maxParallel":2}"#).await;
    keys.until(|keys| keys.under_way().len() == 2).await;
    replica.post(&format!("{path}/pause"), "").await;
    keys.let_all_go();
    replica.reaches(&path, "succeeded").await;
    replica.end().await;
});

on_both_databases!(a_cancelled_backfill_ends_within_seconds_though_its_tasks_are_deaf, |store: TestStore| async {
    let keys = Keys::numbered(8);
    keys.tell_all(Deed::Deaf);
    keys.tell("k000", Deed::Succeed);
    let replica = Replica::start(&store, &keys, &[]).await;
    let path = replica.make(r#"{"mode":"all","maxParallel":2}"#).await;
    keys.until(|keys| keys.done().len() == 1 && keys.under_way().len() == 2).await;
    let began = Instant::now();
    let (status, told) = replica.post(&format!("{path}/cancel"), "").await;
    assert_eq!((status, &told["state"]), (202, &json!("cancelling")));
    let told = replica.reaches(&path, "cancelled").await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(
        (&told["counts"]["succeeded"], &told["counts"]["cancelled"], &told["percent"]),
        (&json!(1), &json!(7), &json!(100.0))
    );
    assert!(told["finishedAt"].is_string());
    replica.end().await;
});

on_both_databases!(a_backfill_is_cancelled_while_it_waits_and_while_it_is_paused, |store: TestStore| async {
    let keys = Keys::numbered(4);
    keys.tell_all(Deed::Wait);
    // Nobody executes anything: its run stays in the queue.
    let replica = Replica::new(&store, &keys, &[]).await;
    for pause in [false, true] {
        let path = replica.make(r#"{"mode":"all"}"#).await;
        replica.backfiller.drive().await.unwrap();
        let run = replica.get(&path).await["run"].clone();
        if pause {
            assert_eq!(replica.post(&format!("{path}/pause"), "").await.0, 200);
        }
        assert_eq!(replica.post(&format!("{path}/cancel"), "").await.0, 202);
        replica.backfiller.drive().await.unwrap();
        let told = replica.get(&path).await;
        assert_eq!((&told["state"], &told["counts"]["cancelled"]), (&json!("cancelled"), &json!(4)), "{pause}");
        assert_eq!(replica.run(&run).await.state, RunState::Cancelled);
    }
    let counted = "datainfra_job_runs_total{job_name=\"keys\",state=\"cancelled\",trigger=\"backfill\"} 2";
    assert!(replica.metrics.render().unwrap().contains(counted));
    // Before its first run there is nothing to wait for either.
    let path = replica.make(r#"{"mode":"all"}"#).await;
    replica.post(&format!("{path}/cancel"), "").await;
    replica.backfiller.drive().await.unwrap();
    assert_eq!(replica.get(&path).await["state"], "cancelled");
    replica.end().await;
});

on_both_databases!(a_cancelled_backfill_ends_though_the_owner_of_its_run_died, |store: TestStore| async {
    let keys = Keys::numbered(4);
    keys.tell_all(Deed::Deaf);
    let mut one = Replica::start(&store, &keys, &[]).await;
    let path = one.make(r#"{"mode":"all"}"#).await;
    keys.until(|keys| keys.under_way().len() == 2).await;
    one.stop_loops().await;
    let two = Replica::start(&store, &keys, &[]).await;
    assert_eq!(two.post(&format!("{path}/cancel"), "").await.0, 202);
    two.until(&path, |told| told["state"] == "cancelling").await;
    let run = two.get(&path).await["run"].clone();
    if run.is_string() {
        two.until(&format!("/runs/{}", run.as_str().unwrap()), |run| run["state"] != "running").await;
    }
    one.expire_leases().await;
    two.reaches(&path, "cancelled").await;
    one.end().await;
    two.end().await;
});

on_both_databases!(an_action_that_cannot_be_is_409_with_a_link_and_changes_nothing, |store: TestStore| async {
    let replica = Replica::new(&store, &Keys::numbered(2), &[]).await;
    let path = replica.make(r#"{"mode":"all"}"#).await;
    let finals = ["succeeded", "partial", "failed", "cancelled"];
    for (state, allowed) in [
        ("running", &[("pause", "paused"), ("resume", "running"), ("cancel", "cancelling")][..]),
        ("paused", &[("pause", "paused"), ("resume", "running"), ("cancel", "cancelling")]),
        ("cancelling", &[("cancel", "cancelling")]),
    ]
    .into_iter()
    .chain(finals.map(|state| (state, &[][..])))
    {
        for action in ["pause", "resume", "cancel", "retry"] {
            let set = format!("UPDATE backfill SET state = '{state}'");
            db::execute(replica.database.connection(), &set, []).await.unwrap();
            let (status, answer) = replica.post(&format!("{path}/{action}"), "").await;
            match allowed.iter().find(|(name, _)| *name == action) {
                Some((_, then)) => {
                    assert!(status == 200 || status == 202, "{state} {action}: {answer}");
                    assert_eq!(answer["state"], *then, "{state} {action}");
                }
                None => {
                    assert_eq!((status, &answer["link"]), (409, &json!(path)), "{state} {action}: {answer}");
                    assert_eq!(replica.get(&path).await["state"], state, "{action}");
                }
            }
        }
    }
    assert_eq!(replica.get(&of_job("/backfills")).await["items"].as_array().unwrap().len(), 1);
    replica.end().await;
});

on_both_databases!(a_retry_is_a_new_backfill_over_the_failed_items_only, |store: TestStore| async {
    let keys = Keys::numbered(5);
    for key in ["k001", "k003"] {
        keys.tell(key, Deed::Fail);
    }
    let replica = Replica::start(&store, &keys, &[]).await;
    let first = replica.make(r#"{"mode":"all","maxParallel":3,"from":"2019-01-01","note":"why"}"#).await;
    let partial = replica.reaches(&first, "partial").await;
    assert_eq!(partial["error"], "2 of 5 items failed");
    keys.tell("k001", Deed::Succeed);
    let (status, again) = replica.post(&format!("{first}/retry"), "").await;
    assert_eq!((status, &again["retryOf"], &again["total"]), (202, &partial["id"], &json!(2)));
    assert_eq!(
        (&again["maxParallel"], &again["params"]["from"], &again["note"]),
        (&json!(3), &json!("2019-01-01"), &json!("why"))
    );
    let second = again["links"]["self"].as_str().unwrap();
    replica.reaches(second, "partial").await;
    let states = [("k001", "succeeded"), ("k003", "failed")].map(|(key, state)| (key.to_owned(), state.to_owned()));
    assert_eq!(replica.items(second).await, states);
    assert_eq!(replica.get(&first).await["state"], "partial", "final states never change");
    keys.tell("k003", Deed::Succeed);
    let (_, third) = replica.post(&format!("{second}/retry"), "").await;
    let third = third["links"]["self"].as_str().unwrap();
    replica.reaches(third, "succeeded").await;
    let (status, _) = ask(&replica.router, "POST", &format!("{third}/retry"), &[], "").await;
    assert_eq!(status, 409);
    assert!(keys.each_once());
    replica.end().await;
});
