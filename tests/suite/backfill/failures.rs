//! Runs of a backfill that end badly, and what becomes of their items.

use std::sync::atomic::Ordering;

use data_infrastructure::{db, jobs::store};
use serde_json::json;

use super::{
    job::{Deed, Keys, NAME},
    replica::Replica,
};
use crate::support::on_both_databases;

fn states(items: &[(String, String)]) -> Vec<&str> {
    items.iter().map(|(_, state)| state.as_str()).collect()
}

on_both_databases!(a_key_that_hangs_fails_by_the_timeout_and_takes_no_other_with_it, |store: TestStore| async {
    let keys = Keys::numbered(16);
    keys.tell_all(Deed::Take(100));
    keys.tell("k000", Deed::Wait);
    // All of them take longer than the timeout, but none of them alone.
    let replica = Replica::start(&store, &keys, &[("TIMEOUT", "800ms")]).await;
    let path = replica.make(r#"{"mode":"all","maxParallel":2}"#).await;
    let told = replica.reaches(&path, "partial").await;
    assert_eq!((&told["counts"]["failed"], &told["counts"]["succeeded"]), (&json!(1), &json!(15)));
    // One run did it all, longer than the timeout: what counts is the time in which nothing ends.
    assert_eq!(replica.get("/runs").await["items"].as_array().unwrap().len(), 1);
    let failed = replica.get(&format!("{path}/items?state=failed")).await;
    assert_eq!(
        (&failed["items"][0]["key"], &failed["items"][0]["error"]),
        (&json!("k000"), &json!("longer than the job's timeout"))
    );
    replica.end().await;
});

on_both_databases!(the_keys_that_a_lost_run_had_begun_fail_and_the_rest_goes_on, |store: TestStore| async {
    let keys = Keys::numbered(6);
    keys.tell_all(Deed::Wait);
    keys.let_go("k000");
    let mut one = Replica::start(&store, &keys, &[]).await;
    let path = one.make(r#"{"mode":"all","maxParallel":2}"#).await;
    keys.until(|keys| keys.done().len() == 1 && keys.under_way().len() == 2).await;
    one.stop_loops().await;
    db::execute(one.database.connection(), "UPDATE run SET attempt = 5", []).await.unwrap();
    one.expire_leases().await;
    let two = Replica::start(&store, &keys, &[]).await;
    two.until(&path, |told| told["counts"]["failed"] == 2).await;
    keys.let_all_go();
    let told = two.reaches(&path, "partial").await;
    assert_eq!(told["error"], "2 of 6 items failed");
    assert_eq!(
        states(&two.items(&path).await),
        ["succeeded", "failed", "failed", "succeeded", "succeeded", "succeeded"]
    );
    let failed = two.get(&format!("{path}/items?state=failed")).await;
    assert_eq!(failed["items"][0]["error"], "its owner vanished too often");
    one.end().await;
    two.end().await;
});

on_both_databases!(
    a_run_that_is_lost_before_it_did_anything_fails_its_items_once_and_for_all,
    |store: TestStore| async {
        let replica = Replica::new(&store, &Keys::numbered(3), &[]).await;
        let path = replica.make(r#"{"mode":"all"}"#).await;
        replica.backfiller.drive().await.unwrap();
        for _ in 0..5 {
            let claimed = store::claim_next(&replica.database, replica.executor.claimant(), &[(NAME, true)], 9).await;
            assert!(claimed.unwrap().len() == 1);
            replica.expire_leases().await;
            replica.rescuer.rescue().await.unwrap();
        }
        replica.backfiller.drive().await.unwrap();
        let told = replica.get(&path).await;
        assert_eq!((&told["state"], &told["error"]), (&json!("failed"), &json!("all 3 items failed")));
        let items = replica.get(&format!("{path}/items")).await;
        assert_eq!(items["items"][2]["error"], "its owner vanished too often");
        replica.end().await;
    }
);

on_both_databases!(a_run_that_cannot_plan_fails_its_items_with_the_reason, |store: TestStore| async {
    let keys = Keys::numbered(3);
    keys.plan_fails.store(true, Ordering::SeqCst);
    let replica = Replica::start(&store, &keys, &[]).await;
    let path = replica.make(r#"{"mode":"all"}"#).await;
    replica.reaches(&path, "failed").await;
    let items = replica.get(&format!("{path}/items")).await;
    assert_eq!(items["items"][0]["error"], "told not to plan");
    replica.end().await;
});

on_both_databases!(a_key_that_is_gone_when_its_turn_comes_is_skipped, |store: TestStore| async {
    let keys = Keys::numbered(3);
    let replica = Replica::new(&store, &keys, &[]).await;
    let path = replica.make(r#"{"mode":"all"}"#).await;
    keys.keys.lock().unwrap().retain(|key| key != "k001");
    let replica = replica.at_work();
    let told = replica.reaches(&path, "succeeded").await;
    assert_eq!((&told["counts"]["skipped"], &told["percent"]), (&json!(1), &json!(100.0)));
    assert_eq!(states(&replica.items(&path).await), ["succeeded", "skipped", "succeeded"]);
    replica.end().await;
});

on_both_databases!(cancelling_the_run_by_hand_cancels_its_items_and_ends_the_backfill, |store: TestStore| async {
    let keys = Keys::numbered(4);
    keys.tell_all(Deed::Wait);
    keys.let_go("k000");
    let replica = Replica::start(&store, &keys, &[]).await;
    let path = replica.make(r#"{"mode":"all"}"#).await;
    keys.until(|keys| keys.done().len() == 1 && keys.under_way().len() == 2).await;
    let run = replica.get(&path).await["run"].as_str().unwrap().to_owned();
    assert_eq!(replica.post(&format!("/runs/{run}/cancel"), "").await.0, 202);
    let told = replica.reaches(&path, "partial").await;
    assert_eq!((&told["counts"]["cancelled"], &told["error"]), (&json!(3), &json!("3 of 4 items were cancelled")));
    replica.end().await;
});

on_both_databases!(a_drained_process_hands_its_backfill_on, |store: TestStore| async {
    let keys = Keys::numbered(10);
    keys.tell_all(Deed::Wait);
    keys.let_go("k000");
    let one = Replica::start(&store, &keys, &[]).await;
    let path = one.make(r#"{"mode":"all"}"#).await;
    keys.until(|keys| keys.done().len() == 1 && keys.under_way().len() == 2).await;
    one.executor.drain(std::time::Duration::from_millis(50)).await;
    keys.let_all_go();
    let two = Replica::start(&store, &keys, &[]).await;
    let told = two.reaches(&path, "succeeded").await;
    assert_eq!(told["counts"]["succeeded"], 10);
    let items = two.get(&format!("{path}/items")).await;
    assert_eq!(two.run(&items["items"][5]["runId"]).await.attempt, 1);
    assert!(keys.each_once());
    one.end().await;
    two.end().await;
});
