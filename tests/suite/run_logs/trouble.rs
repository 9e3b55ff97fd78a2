//! Two writers, a run that is gone, a database that is away.

use data_infrastructure::{
    db::{self, Database},
    jobs::store,
};

use super::kept::{Kept, log_of, messages, new_run, note, until};
use crate::support::{Proxy, TestStore, on_both_databases};

on_both_databases!(two_processes_write_for_one_run_without_a_gap_or_a_loss, |store: TestStore| async {
    db::migrate_up(&store.url).await.unwrap();
    let one = Database::connect(&store.url, 2).await.unwrap();
    let other = Database::connect(&store.url, 2).await.unwrap();
    let run = new_run(&one).await;
    let write = async |database: &Database, name: &str| {
        for number in 0..60 {
            let lines: Vec<_> = (0..3).map(|part| note(&run, format!("{name} {:03}", number * 3 + part))).collect();
            store::append_run_log(database, &run, &lines).await.unwrap();
        }
    };
    tokio::join!(write(&one, "one"), write(&other, "other"));
    let lines = log_of(&one, &run).await;
    assert!(lines.iter().map(|line| line.seq).eq(1..=360));
    for name in ["one ", "other "] {
        let of_one: Vec<&str> = messages(&lines).into_iter().filter(|told| told.starts_with(name)).collect();
        assert!(of_one.len() == 180 && of_one.is_sorted(), "{of_one:?}");
    }
});

on_both_databases!(a_run_that_is_gone_does_not_cost_the_lines_of_others, |store: TestStore| async {
    db::migrate_up(&store.url).await.unwrap();
    let database = Database::connect(&store.url, 4).await.unwrap();
    let kept = Kept::start(&database);
    let (gone, there) = (new_run(&database).await, new_run(&database).await);
    for (number, run) in [&gone, &there, &gone, &there].into_iter().enumerate() {
        tracing::info_span!("run", run = run.as_str()).in_scope(|| tracing::info!("line {number}"));
    }
    db::execute(database.connection(), "DELETE FROM run WHERE id = $1", [gone.as_str().into()]).await.unwrap();
    kept.end().await;
    assert_eq!(messages(&log_of(&database, &there).await), ["line 1", "line 3"]);
    assert!(log_of(&database, &gone).await.is_empty());
});

#[tokio::test]
async fn a_run_that_is_purged_while_its_lines_are_written_takes_none_and_is_no_error() {
    let Some(store) = TestStore::postgres().await else { return };
    db::migrate_up(&store.url).await.unwrap();
    let database = Database::connect(&store.url, 4).await.unwrap();
    let run = new_run(&database).await;
    let purge = database.begin().await.unwrap();
    db::execute(&purge, "DELETE FROM run WHERE id = $1", [run.as_str().into()]).await.unwrap();
    // The writer sees the run, and waits for the purge when it writes.
    let purged = async {
        let waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while db::one(database.connection(), waits, []).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
        purge.commit().await.unwrap();
    };
    let lines = [note(&run, "late")];
    let (written, ()) = tokio::join!(store::append_run_log(&database, &run, &lines), purged);
    written.unwrap();
    assert!(log_of(&database, &run).await.is_empty());
}

/// The database through a proxy, and the proxy.
pub async fn behind_proxy(store: &TestStore) -> (Database, Proxy) {
    db::migrate_up(&store.url).await.unwrap();
    let mut url = url::Url::parse(&store.url).unwrap();
    let target = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap()).parse().unwrap();
    let proxy = Proxy::before(target).await;
    url.set_port(Some(proxy.address().port())).unwrap();
    (Database::connect(url.as_str(), 2).await.unwrap(), proxy)
}

#[tokio::test]
async fn lines_wait_for_a_database_that_is_away() {
    let Some(store) = TestStore::postgres().await else { return };
    let (database, proxy) = behind_proxy(&store).await;
    let direct = Database::connect(&store.url, 2).await.unwrap();
    let run = new_run(&direct).await;
    let kept = Kept::start(&database);
    let span = tracing::info_span!("run", run = run.as_str());
    span.in_scope(|| tracing::info!("before"));
    until(&direct, &run, |lines| lines.len() == 1).await;
    proxy.cut();
    for number in 0..20 {
        span.in_scope(|| tracing::info!("meanwhile {number:02}"));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    proxy.restore();
    span.in_scope(|| tracing::info!("after"));
    let lines = until(&direct, &run, |lines| lines.last().is_some_and(|line| line.message == "after")).await;
    assert_eq!(lines.len(), 22, "{lines:?}");
    assert!(messages(&lines)[1..21].is_sorted());
    kept.end().await;
}

#[tokio::test]
async fn more_lines_than_can_wait_give_way_to_newer_ones_and_are_counted() {
    let Some(store) = TestStore::postgres().await else { return };
    let (database, proxy) = behind_proxy(&store).await;
    let direct = Database::connect(&store.url, 2).await.unwrap();
    let (flood, quiet) = (new_run(&direct).await, new_run(&direct).await);
    let kept = Kept::start(&database);
    proxy.cut();
    tracing::info_span!("run", run = quiet.as_str()).in_scope(|| tracing::info!("early"));
    let span = tracing::info_span!("run", run = flood.as_str());
    for number in 0..12_000 {
        span.in_scope(|| tracing::info!("flood {number}"));
        if number % 200 == 0 {
            // Slowly enough for the channel.
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }
    proxy.restore();
    // The newest of what could wait is kept up to the bounds of a log, the gap is told first.
    let lines = until(&direct, &flood, |lines| lines.len() >= 5001).await;
    assert!(lines[0].message.ends_with("lines were dropped"), "{}", lines[0].message);
    let dropped: usize = lines[0].message.split(' ').next().unwrap().parse().unwrap();
    assert_eq!(lines[1].message, format!("flood {dropped}"));
    assert!(dropped >= 2000);
    assert_eq!(messages(&until(&direct, &quiet, |lines| !lines.is_empty()).await), ["1 line was dropped"]);
    kept.end().await;
}

#[tokio::test]
async fn a_database_that_stays_away_does_not_hold_up_the_end() {
    let Some(store) = TestStore::postgres().await else { return };
    let (database, proxy) = behind_proxy(&store).await;
    let run = new_run(&database).await;
    let kept = Kept::start(&database);
    proxy.cut();
    tracing::info_span!("run", run = run.as_str()).in_scope(|| tracing::info!("lost"));
    tokio::time::timeout(std::time::Duration::from_secs(6), kept.end()).await.expect("it ends");
}
