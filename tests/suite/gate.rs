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

async fn hours_closed(gate: &DatabaseGate) -> u64 {
    gate.closed("stooq").await.unwrap().unwrap().retry_after.as_secs().div_ceil(3600)
}

on_both_databases!(
    blocks_in_a_row_close_for_longer_each_time_over_restarts_until_an_answer,
    |store: TestStore| async {
        for expected in [6, 12, 24, 24] {
            // A process of its own each time: the row remembers.
            let (gate, database) = gate(&store.url).await;
            gate.block("stooq", "a page for browsers").await.unwrap();
            gate.block("stooq", "what a request under way at the same time was told").await.unwrap();
            assert_eq!(hours_closed(&gate).await, expected);
            let past = db::Dialect::of(database.connection()).now_minus(Duration::from_secs(1));
            let over = format!("UPDATE source_state SET closed_until = {past}");
            db::execute(database.connection(), &over, []).await.unwrap();
            assert_eq!(gate.closed("stooq").await.unwrap(), None, "its time is over");
            database.close().await;
        }
        let (gate, database) = gate(&store.url).await;
        gate.succeeded("stooq").await.unwrap();
        gate.block("stooq", "again").await.unwrap();
        assert_eq!(hours_closed(&gate).await, 6);
        database.close().await;
    }
);

on_both_databases!(requests_that_are_blocked_at_once_are_one_block, |store: TestStore| async {
    let (one, first) = gate(&store.url).await;
    let (two, second) = gate(&store.url).await;
    let (a, b) = tokio::join!(one.block("stooq", "a page"), two.block("stooq", "a page"));
    for blocked in [a, b] {
        blocked.unwrap();
    }
    assert_eq!(hours_closed(&one).await, 6);
    first.close().await;
    second.close().await;
});

on_both_databases!(a_day_has_no_more_requests_than_its_limit_over_all_replicas, |store: TestStore| async {
    let (one, first) = gate(&store.url).await;
    let (two, second) = gate(&store.url).await;
    let pace = Pace { min_interval: Duration::ZERO, daily_limit: 3 };
    for gate in [&one, &two, &one] {
        assert!(matches!(gate.reserve("jquants", pace).await.unwrap(), Slot::Wait(_)));
    }
    for gate in [&one, &two] {
        let Slot::Closed(closed) = gate.reserve("jquants", pace).await.unwrap() else { panic!("used up") };
        assert!(closed.retry_after <= Duration::from_hours(24) && closed.reason.contains("the 3 requests of the day"));
    }
    assert!(matches!(two.reserve("yahoo", pace).await.unwrap(), Slot::Wait(_)), "each source has its own");
    let higher = Pace { daily_limit: 4, ..pace };
    assert!(matches!(two.reserve("jquants", higher).await.unwrap(), Slot::Wait(_)), "a limit that was raised counts");
    let yesterday = "UPDATE source_state SET request_day = '2026-01-01'";
    db::execute(first.connection(), yesterday, []).await.unwrap();
    assert!(matches!(two.reserve("jquants", pace).await.unwrap(), Slot::Wait(_)), "another day");
    first.close().await;
    second.close().await;
});
