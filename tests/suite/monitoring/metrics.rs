//! What is measured of jobs, sources and connections for the alerts.

use std::time::Duration;

use chrono::{DateTime, Utc};
use data_infrastructure::{
    crawl::{Catalogue, Gate as _, SourceEntry, overview, store::DatabaseGate},
    db::{Database, Dialect, execute},
    jobs::{RunState, store},
    metrics::Metrics,
    scheduler::Standings,
};

use crate::{
    fake::{Deed, NAME, Process},
    support::on_both_databases,
};

/// The value of a series; none where it is not there.
fn value(metrics: &Metrics, series: &str) -> Option<f64> {
    let text = metrics.render().unwrap();
    let found = text.lines().find_map(|line| line.strip_prefix(&format!("datainfra_{series} ")).map(str::to_owned));
    found.map(|value| value.parse().unwrap())
}

fn job(process: &Process, name: &str) -> f64 {
    value(&process.metrics, &format!("job_{name}{{job_name=\"fake\"}}")).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn measure(process: &Process, standings: &Standings) {
    let now = at("2026-01-10T00:00:00Z");
    standings.measure(process.database.connection(), &process.registry, &process.metrics, now).await.unwrap();
}

on_both_databases!(how_a_job_stands_is_told_from_the_database, |store: TestStore| async {
    let settings = [("SCHEDULE", "0 18 * * Mon-Fri"), ("TIMEOUT", "30m")];
    // The runs are another replica's; this one looks.
    let (process, looks) = (Process::new(&store, &settings).await.work(), Process::new(&store, &settings).await);
    let standings = Standings::default();
    process.set_now("2026-01-09T00:00:00Z");
    process.planner.plan().await.unwrap();
    measure(&looks, &standings).await;
    assert_eq!((job(&looks, "interval_seconds"), job(&looks, "timeout_seconds")), (72.0 * 3600.0, 1800.0));
    let nothing = ["due_since_timestamp_seconds", "running_since_timestamp_seconds", "runs_queued"];
    assert!(nothing.iter().all(|name| job(&looks, name) == 0.0), "nothing was due yet");

    // A tick whose run hangs, behind it another one, and one that was passed over for a pause before.
    process.job.set(&[("a", Deed::Hang)]);
    let passed_over = "INSERT INTO tick (job, scheduled_for, outcome, lateness_ms, recorded_at) \
                       VALUES ('fake', $1, 'skipped_paused', 0, $1)";
    execute(process.database.connection(), passed_over, [at("2026-01-08T18:00:00Z").into()]).await.unwrap();
    process.set_now("2026-01-09T18:00:00Z");
    process.planner.plan().await.unwrap();
    process.until_performed(1).await;
    process.trigger().await;
    measure(&looks, &standings).await;
    assert_eq!(job(&looks, "due_since_timestamp_seconds"), at("2026-01-09T18:00:00Z").timestamp() as f64);
    assert!(job(&looks, "running_since_timestamp_seconds") > 0.0, "of another replica");
    assert_eq!(job(&looks, "runs_queued"), 1.0);
    assert_eq!(job(&looks, "last_success_timestamp_seconds"), 0.0);

    // A part of a backfill lasts as long as it lasts.
    let backfill = "UPDATE run SET trigger = 'backfill' WHERE state = 'running'";
    execute(process.database.connection(), backfill, []).await.unwrap();
    measure(&looks, &standings).await;
    assert_eq!(job(&looks, "running_since_timestamp_seconds"), 0.0);

    // A success, told by whoever had it: nothing due is left without one.
    let success = at("2026-01-09T18:30:00Z");
    let succeeded = "UPDATE job_state SET last_success_at = $1 WHERE job = 'fake'";
    execute(process.database.connection(), succeeded, [success.into()]).await.unwrap();
    measure(&looks, &standings).await;
    assert_eq!(job(&looks, "due_since_timestamp_seconds"), 0.0);
    assert_eq!(job(&looks, "last_success_timestamp_seconds"), success.timestamp() as f64);
    // An older one, as a look begun before it would have, changes nothing.
    looks.metrics.job_succeeded("fake", at("2026-01-01T00:00:00Z"));
    assert_eq!(job(&looks, "last_success_timestamp_seconds"), success.timestamp() as f64);
    process.end().await;
    looks.end().await;
});

on_both_databases!(a_job_that_only_runs_when_asked_for_has_no_interval, |store: TestStore| async {
    let (process, standings) = (Process::new(&store, &[("SCHEDULE", "0 18 * * *")]).await, Standings::default());
    process.planner.plan().await.unwrap();
    measure(&process, &standings).await;
    assert_eq!(job(&process, "interval_seconds"), 86400.0);
    process.end().await;
    for never in [("SCHEDULE", "@manually"), ("ENABLED", "false")] {
        let process = Process::new(&store, &[never]).await;
        process.planner.plan().await.unwrap();
        measure(&process, &standings).await;
        assert_eq!(job(&process, "interval_seconds"), 0.0, "{never:?}");
        process.end().await;
    }
});

on_both_databases!(takeovers_are_told_from_the_database_also_by_a_process_that_made_none, |store: TestStore| async {
    let (process, standings) = (Process::new(&store, &[]).await, Standings::default());
    process.job.set(&[("a", Deed::Hang)]);
    let id = process.trigger().await;
    for expected in [1.0, 2.0, 3.0, 4.0, 5.0] {
        let claimed = store::claim_next(&process.database, process.executor.claimant(), &[(NAME, true)], 9).await;
        assert!(claimed.unwrap().len() == 1);
        process.expire_leases().await;
        process.rescuer.rescue().await.unwrap();
        // As a process that has just been started again: its counters are at 0.
        let next = Process::new(&store, &[]).await;
        measure(&next, &standings).await;
        assert_eq!(job(&next, "recent_takeovers"), expected);
        assert_eq!(value(&next.metrics, "job_orphans_recovered_total{job_name=\"fake\"}"), None);
        next.end().await;
    }
    assert_eq!(process.find(&id).await.state, RunState::Lost, "five of them, and the run is given up");

    // What is over for long is no trouble of today, however it ended; what still runs and began long ago, neither.
    let connection = process.database.connection();
    for (state, finished, began, expected) in [
        ("lost", Some(5), 30, 5.0),
        ("lost", Some(7), 30, 0.0),
        ("succeeded", Some(5), 30, 5.0),
        ("succeeded", Some(7), 30, 0.0),
        ("partial", Some(5), 30, 5.0),
        ("queued", None, 5, 5.0),
        ("running", None, 5, 5.0),
        ("running", None, 7, 0.0),
        ("cancelled", Some(1), 2, 0.0),
    ] {
        let ago = |hours: u64| Dialect::of(connection).now_minus(Duration::from_hours(hours));
        let finished = finished.map_or("NULL".to_owned(), ago);
        let began = ago(began);
        let sql = format!("UPDATE run SET state = '{state}', finished_at = {finished}, started_at = {began}");
        execute(connection, &sql, []).await.unwrap();
        measure(&process, &standings).await;
        assert_eq!(job(&process, "recent_takeovers"), expected, "{state} {finished} {began}");
    }
    // An attempt of its own is no takeover.
    let once = format!("UPDATE run SET attempt = 1, state = 'failed', finished_at = {}", Dialect::of(connection).now());
    execute(connection, &once, []).await.unwrap();
    measure(&process, &standings).await;
    assert_eq!(job(&process, "recent_takeovers"), 0.0);
    process.end().await;
});

on_both_databases!(a_run_that_ended_as_partial_is_told_until_one_succeeds, |store: TestStore| async {
    let (process, standings) = (Process::new(&store, &[]).await.work(), Standings::default());
    process.job.set(&[("a", Deed::Succeed), ("b", Deed::Fail)]);
    measure(&process, &standings).await;
    assert_eq!(job(&process, "last_partial_timestamp_seconds"), 0.0);
    let run = process.ended(&process.trigger().await).await;
    assert_eq!(run.state, RunState::Partial);
    measure(&process, &standings).await;
    let finished = run.finished_at.unwrap().timestamp() as f64;
    assert!((job(&process, "last_partial_timestamp_seconds") - finished).abs() < 1.0);
    assert_eq!(job(&process, "last_success_timestamp_seconds"), 0.0, "a part is no success");
    // A failure as a whole brings nothing.
    process.job.set(&[("b", Deed::Fail)]);
    assert_eq!(process.ended(&process.trigger().await).await.state, RunState::Failed);
    measure(&process, &standings).await;
    assert!((job(&process, "last_partial_timestamp_seconds") - finished).abs() < 1.0);
    process.job.set(&[("a", Deed::Succeed)]);
    assert_eq!(process.ended(&process.trigger().await).await.state, RunState::Succeeded);
    let looks = Process::new(&store, &[]).await;
    measure(&looks, &standings).await;
    let told = async {
        while job(&looks, "last_success_timestamp_seconds") == 0.0 {
            measure(&looks, &standings).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await.expect("the success is noted");
    assert_eq!(job(&looks, "last_partial_timestamp_seconds"), 0.0);
    process.end().await;
    looks.end().await;
});

on_both_databases!(a_database_that_is_away_is_told, |store: TestStore| async {
    let (process, standings) = (Process::new(&store, &[]).await, Standings::default());
    process.planner.plan().await.unwrap();
    assert_eq!(value(&process.metrics, "database_reachable"), Some(0.0), "nobody has looked yet");
    measure(&process, &standings).await;
    assert_eq!(value(&process.metrics, "database_reachable"), Some(1.0));
    process.database.close().await;
    let connection = process.database.connection();
    let measured = standings.measure(connection, &process.registry, &process.metrics, DateTime::default()).await;
    assert!(measured.is_err());
    assert_eq!(value(&process.metrics, "database_reachable"), Some(0.0));
});

on_both_databases!(a_source_is_in_one_state_over_all_replicas, |store: TestStore| async {
    let process = Process::new(&store, &[]).await;
    let entry = SourceEntry {
        name: "yahoo",
        enabled: true,
        host: "example.org".to_owned(),
        min_interval: Duration::ZERO,
        daily_limit: 0,
        licence_note: "private use",
    };
    let catalogue = Catalogue::default();
    catalogue.set(vec![entry]);
    let states = async || -> Vec<(&str, Option<f64>)> {
        let (connection, metrics) = (process.database.connection(), &process.metrics);
        overview::measure(connection, &catalogue, metrics, DateTime::default()).await.unwrap();
        let state = |state: &'static str| {
            (state, value(metrics, &format!("source_state{{source=\"yahoo\",state=\"{state}\"}}")))
        };
        ["available", "blocked", "quota", "down"].map(state).into_iter().filter(|(_, is)| *is != Some(0.0)).collect()
    };
    assert_eq!(states().await, [("available", Some(1.0))]);
    DatabaseGate::new(process.database.clone()).block("yahoo", "a page").await.unwrap();
    assert_eq!(states().await, [("blocked", Some(1.0))]);
    process.end().await;
});

on_both_databases!(connections_that_are_left_are_counted, |store: TestStore| async {
    let database = Database::connect(&store.url, 6).await.unwrap();
    // Of six connections of PostgreSQL two are set aside.
    let all = if database.is_postgres() { 4 } else { 6 };
    let state = database.pool_state();
    assert_eq!((state.max, state.available), (6, all));
    let held = [database.snapshot().await.unwrap(), database.snapshot().await.unwrap()];
    let state = database.pool_state();
    assert_eq!((state.max, state.available, state.busy), (6, all - 2, 2));
    drop(held);
    database.close().await;
});
