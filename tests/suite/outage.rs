//! The database goes away in the middle of a run and comes back.

use std::time::Duration;

use data_infrastructure::{
    db::{self, Database, execute, is_unavailable},
    jobs::{Run, RunId, RunState},
};

use crate::{
    fake::{Deed, Process},
    support::{Proxy, TestStore},
};

/// A process whose database is behind a proxy.
async fn behind_proxy(store: &TestStore) -> (Process, Proxy) {
    let url = url::Url::parse(&store.url).unwrap();
    let target = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap()).parse().unwrap();
    let proxy = Proxy::before(target).await;
    let settings = [("PARALLEL", "1"), ("MAX_ATTEMPTS", "1")];
    (Process::at_url(&through(store, &proxy), &settings).await.work().rescue(), proxy)
}

fn through(store: &TestStore, proxy: &Proxy) -> String {
    let mut url = url::Url::parse(&store.url).unwrap();
    url.set_port(Some(proxy.address().port())).unwrap();
    url.to_string()
}

/// A run of three tasks whose database is away from within the second one for so long, at its end. The proxy goes on
/// while it is held.
async fn interrupted(store: &TestStore, away: Duration) -> (Process, Run, Proxy) {
    let (process, proxy) = behind_proxy(store).await;
    process.job.set(&[("a", Deed::Succeed), ("b", Deed::Pause(1500)), ("c", Deed::Succeed)]);
    let id = process.trigger().await;
    process.until(&id, |run| run.done == 1).await;
    proxy.cut();
    tokio::time::sleep(away).await;
    proxy.restore();
    let run = process.ended_patiently(&id).await;
    (process, run, proxy)
}

#[tokio::test]
async fn a_short_outage_costs_no_attempt_and_loses_nothing() {
    let Some(store) = TestStore::postgres().await else { return };
    let (process, run, _proxy) = interrupted(&store, Duration::from_secs(3)).await;
    assert_eq!((run.state, run.done, run.attempt), (RunState::Succeeded, 3, 1), "{run:?}");
    assert!(process.tasks(&run.id).await.iter().all(|task| task.attempts == 1));
    process.end().await;
}

#[tokio::test]
async fn an_outage_longer_than_the_lease_costs_no_attempt_either() {
    let Some(store) = TestStore::postgres().await else { return };
    let (process, run, _proxy) = interrupted(&store, Duration::from_secs(16)).await;
    assert_eq!((run.state, run.done, run.attempt), (RunState::Succeeded, 3, 1), "{run:?}");
    let attempts: Vec<u32> = process.tasks(&run.id).await.iter().map(|task| task.attempts).collect();
    assert_eq!(attempts, [1, 1, 1], "the task that was under way did nothing wrong");
    let metrics = process.metrics.render().unwrap();
    assert!(!metrics.contains("orphans_recovered_total{job_name=\"fake\"} 1"), "its owner lives");
    process.end().await;
}

#[tokio::test]
async fn after_an_outage_another_process_leaves_runs_to_their_owners_who_live() {
    let Some(store) = TestStore::postgres().await else { return };
    let (process, proxy) = behind_proxy(&store).await;
    // It rescues, and executes nothing itself.
    let other = Process::at_url(&through(&store, &proxy), &[]).await.rescue();
    process.job.set(&[("a", Deed::Succeed), ("b", Deed::Pause(1500)), ("c", Deed::Succeed)]);
    let id = process.trigger().await;
    process.until(&id, |run| run.done == 1).await;
    proxy.cut();
    tokio::time::sleep(Duration::from_secs(16)).await;
    proxy.restore();
    let run = process.ended_patiently(&id).await;
    assert_eq!((run.state, run.done, run.attempt), (RunState::Succeeded, 3, 1), "{run:?}");
    other.end().await;
    process.end().await;
}

#[tokio::test]
async fn a_run_whose_owner_died_in_an_outage_is_taken_over_after_it() {
    let Some(store) = TestStore::postgres().await else { return };
    let (process, proxy) = behind_proxy(&store).await;
    process.job.set(&[("a", Deed::Succeed)]);
    let id = RunId::parse("01980000-0000-7000-8000-000000000000").unwrap();
    let sql = "INSERT INTO run (id, job, state, trigger, created_at, params, owner, fence, attempt, lease_until) \
               VALUES ($1, 'fake', 'running', 'manual', now(), '{}', 'daemon-dead', 1, 1, now() + interval '2 seconds')";
    execute(process.database.connection(), sql, [id.as_str().into()]).await.unwrap();
    proxy.cut();
    tokio::time::sleep(Duration::from_secs(4)).await;
    proxy.restore();
    let run = process.ended_patiently(&id).await;
    assert_eq!((run.state, run.attempt), (RunState::Succeeded, 2), "{run:?}");
    process.end().await;
}

#[tokio::test]
async fn a_session_forsaken_within_a_transaction_gives_its_locks_back() {
    let Some(store) = TestStore::postgres().await else { return };
    db::fresh(&store.url).await.unwrap();
    let database = Database::connect(&store.url, 4).await.unwrap();
    let make = "INSERT INTO source_state (source, next_request_at, updated_at) VALUES ('x', now(), now())";
    let lock = "UPDATE source_state SET failures = failures + 1 WHERE source = 'x'";
    execute(database.connection(), make, []).await.unwrap();
    let forsaken = database.begin().await.unwrap();
    execute(&forsaken, lock, []).await.unwrap();
    // As by another process, while the first one is stopped.
    let waited = tokio::time::timeout(Duration::from_secs(9), execute(database.connection(), lock, [])).await;
    assert_eq!(waited.expect("the lock is taken from who sleeps on it").unwrap(), 1);
    let late = execute(&forsaken, lock, []).await.unwrap_err();
    assert!(is_unavailable(&late), "what it says when it wakes is tried again: {late}");
    drop(forsaken);
    database.close().await;
}

#[tokio::test]
async fn a_transaction_whose_beginning_nobody_waits_for_is_not_left_open() {
    let Some(store) = TestStore::postgres().await else { return };
    let (one, other) =
        (Database::connect(&store.url, 1).await.unwrap(), Database::connect(&store.url, 1).await.unwrap());
    db::migrate_up(&store.url).await.unwrap();
    let sql = "SELECT count(*) AS n FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' \
               AND datname = current_database()";
    for patience in 0..150 {
        {
            let mut begin = std::pin::pin!(one.begin());
            for _ in 0..patience {
                if futures_util::poll!(&mut begin).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        // The one connection, when it is free again, is in no transaction that nobody knows of.
        one.ping().await.unwrap();
        let open: i64 = db::one(other.connection(), sql, []).await.unwrap().unwrap().try_get("", "n").unwrap();
        assert_eq!(open, 0, "after {patience} polls");
    }
}
