//! Pace and breaker of a source in the database: they hold over processes and restarts.

use std::time::Duration;

use chrono::{DateTime, Utc};
use data_infrastructure::{
    crawl::{
        Cause, Gate, Pace, Slot,
        store::{DatabaseGate, states::reset},
    },
    db::{self, Database, Dialect},
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
            let past = Dialect::of(database.connection()).now_minus(Duration::from_secs(1));
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

/// As if the row had been written before the clock was set back by two days.
async fn set_back(database: &Database) {
    let two_days = Duration::from_hours(48);
    let rows =
        db::all(database.connection(), "SELECT source, next_request_at, closed_until FROM source_state", []).await;
    for row in rows.unwrap() {
        let [next, until] = ["next_request_at", "closed_until"]
            .map(|column| row.try_get::<Option<DateTime<Utc>>>("", column).unwrap().map(|at| at + two_days));
        let now = Dialect::of(database.connection()).now_plus(two_days);
        let sql = format!(
            "UPDATE source_state SET next_request_at = $1, closed_until = $2, updated_at = {now} WHERE source = $3"
        );
        let source: String = row.try_get("", "source").unwrap();
        db::execute(database.connection(), &sql, [next.into(), until.into(), source.into()]).await.unwrap();
    }
}

on_both_databases!(a_clock_that_is_set_back_costs_no_more_than_the_wait_there_was, |store: TestStore| async {
    let (gate, database) = gate(&store.url).await;
    for _ in 0..3 {
        wait(&gate).await;
    }
    set_back(&database).await;
    let waits = [wait(&gate).await, wait(&gate).await];
    for (wait, place) in waits.into_iter().zip([90.0, 120.0]) {
        assert!(wait <= place && wait > place - 10.0, "{waits:?}: the places are still apart");
    }
    database.close().await;
});

on_both_databases!(a_clock_that_is_set_back_keeps_a_breaker_open_for_what_was_left, |store: TestStore| async {
    let (gate, database) = gate(&store.url).await;
    gate.trip("stooq", Duration::from_hours(6), Cause::Blocked, "a page for browsers").await.unwrap();
    set_back(&database).await;
    assert_eq!(hours_closed(&gate).await, 6, "by a look alone");
    let Slot::Closed(closed) = gate.reserve("stooq", INTERVAL.into()).await.unwrap() else { panic!("closed") };
    assert!(
        closed.retry_after > Duration::from_hours(5) && closed.retry_after <= Duration::from_hours(6),
        "{closed:?}"
    );
    let ahead = format!(
        "SELECT source FROM source_state WHERE updated_at > {}",
        Dialect::of(database.connection()).now_plus(INTERVAL)
    );
    assert!(
        db::one(database.connection(), &ahead, []).await.unwrap().is_none(),
        "the row goes with the clock from now on"
    );
    database.close().await;
});

on_both_databases!(a_clock_that_is_set_back_gives_a_day_no_more_requests_than_its_limit, |store: TestStore| async {
    let (gate, database) = gate(&store.url).await;
    let pace = Pace { min_interval: Duration::ZERO, daily_limit: 2 };
    for _ in 0..2 {
        assert!(matches!(gate.reserve("jquants", pace).await.unwrap(), Slot::Wait(_)));
    }
    set_back(&database).await;
    db::execute(database.connection(), "UPDATE source_state SET request_day = '2999-01-01'", []).await.unwrap();
    for _ in 0..2 {
        let Slot::Closed(closed) = gate.reserve("jquants", pace).await.unwrap() else { panic!("used up") };
        assert!(closed.retry_after <= Duration::from_hours(24), "{closed:?}");
    }
    let ahead = "SELECT source FROM source_state WHERE request_day > '2998-01-01'";
    assert!(db::one(database.connection(), ahead, []).await.unwrap().is_none(), "tomorrow is another day");
    database.close().await;
});

on_both_databases!(resetting_a_source_does_not_hide_that_the_clock_was_set_back, |store: TestStore| async {
    let (gate, database) = gate(&store.url).await;
    wait(&gate).await;
    set_back(&database).await;
    reset(database.connection(), "kabutan").await.unwrap();
    assert!(wait(&gate).await <= 30.0);
    database.close().await;
});
