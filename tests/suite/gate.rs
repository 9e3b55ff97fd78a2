//! Pace and breaker of a source in the database: they hold over processes and restarts.

use std::time::Duration;

use data_infrastructure::{
    crawl::{Cause, Gate, Pace, Slot, store::DatabaseGate},
    db::{self, Database},
};

use crate::support::on_both_databases;

const INTERVAL: Duration = Duration::from_secs(30);

async fn gate(url: &str) -> (DatabaseGate, Database) {
    let database = Database::connect(url, 2).await.unwrap();
    db::migrate_up(url).await.unwrap();
    (DatabaseGate::new(database.clone()), database)
}

async fn wait(gate: &DatabaseGate) -> f64 {
    match gate.reserve("kabutan", INTERVAL.into()).await.unwrap() {
        Slot::Wait(wait) => wait.as_secs_f64(),
        Slot::Closed(closed) => panic!("{closed:?}"),
    }
}

on_both_databases!(places_are_apart_by_the_interval_whoever_takes_them, |store: TestStore| async {
    let (one, first) = gate(&store.url).await;
    let (two, second) = gate(&store.url).await;
    assert!(wait(&one).await < 1.0);
    let waits = [wait(&two).await, wait(&one).await];
    for (wait, place) in waits.into_iter().zip([30.0, 60.0]) {
        assert!(wait <= place && wait > place - 10.0, "{waits:?}");
    }
    first.close().await;
    second.close().await;
    // A process that starts later queues up behind them.
    let (later, database) = gate(&store.url).await;
    assert!(wait(&later).await > 70.0);
    database.close().await;
});

on_both_databases!(an_open_breaker_is_seen_by_all_and_never_shortened, |store: TestStore| async {
    let (one, first) = gate(&store.url).await;
    let (two, second) = gate(&store.url).await;
    assert_eq!(one.closed("stooq").await.unwrap(), None);
    one.trip("stooq", Duration::from_hours(6), Cause::Blocked, "a page for browsers").await.unwrap();
    one.trip("stooq", Duration::from_secs(5), Cause::Quota, "something lesser").await.unwrap();
    let Slot::Closed(closed) = two.reserve("stooq", INTERVAL.into()).await.unwrap() else { panic!("closed") };
    assert!(closed.retry_after > Duration::from_hours(5), "{closed:?}");
    assert_eq!(closed.reason, "a page for browsers");
    assert!(matches!(two.reserve("yahoo", INTERVAL.into()).await.unwrap(), Slot::Wait(_)), "each source has its own");
    first.close().await;
    second.close().await;
});

on_both_databases!(failures_are_counted_in_a_row, |store: TestStore| async {
    let (gate, database) = gate(&store.url).await;
    assert_eq!((gate.failed("yahoo").await.unwrap(), gate.failed("yahoo").await.unwrap()), (1, 2));
    gate.succeeded("yahoo").await.unwrap();
    assert_eq!(gate.failed("yahoo").await.unwrap(), 1);
    database.close().await;
});
