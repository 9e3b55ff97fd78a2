//! Connections to the database that break, fall silent, or cannot be made.

use std::time::Duration;

use data_infrastructure::{
    app,
    db::{self, Database, execute},
    jobs::{Run, RunParams, RunState, Trigger, Triggered, store},
    scheduler::{Beat, run_clock},
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{
    daemon::{datainfra, text},
    fake::{Deed, NAME, Process},
    support::{Proxy, TestStore},
};

#[tokio::test]
async fn a_full_disk_leaves_no_connection_on_which_nothing_can_begin() {
    let store = TestStore::sqlite();
    let database = Database::connect(&store.url, 4).await.unwrap();
    execute(database.connection(), "CREATE TABLE big (content BLOB)", []).await.unwrap();
    for _ in 0..4 {
        // Those that only read keep the connections from being the same one each time.
        let (_one, _other) = (database.snapshot().await.unwrap(), database.snapshot().await.unwrap());
        let transaction = database.begin().await.unwrap();
        execute(&transaction, "PRAGMA max_page_count = 1", []).await.unwrap();
        let full = execute(&transaction, "INSERT INTO big VALUES (zeroblob(1000000))", []).await.unwrap_err();
        assert!(full.to_string().contains("full"), "{full}");
        assert!(db::is_unavailable(&full), "it is tried again: {full}");
    }
    for _ in 0..8 {
        let (_one, _other) = (database.snapshot().await.unwrap(), database.snapshot().await.unwrap());
        let transaction = database.begin().await.expect("there is room again");
        execute(&transaction, "INSERT INTO big VALUES (zeroblob(10))", []).await.unwrap();
        transaction.commit().await.unwrap();
    }
    database.close().await;
}

/// The address of a store behind a proxy.
async fn behind_proxy(store: &TestStore) -> (String, Proxy) {
    let mut url = url::Url::parse(&store.url).unwrap();
    let target = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap()).parse().unwrap();
    let proxy = Proxy::before(target).await;
    url.set_port(Some(proxy.address().port())).unwrap();
    (url.to_string(), proxy)
}

#[tokio::test]
async fn connections_that_fall_silent_are_replaced() {
    let Some(store) = TestStore::postgres().await else { return };
    let (url, proxy) = behind_proxy(&store).await;
    let database = Database::connect(&url, 2).await.unwrap();
    let (one, other) = tokio::join!(database.ping(), database.ping());
    one.and(other).unwrap();
    while database.pool_state().idle < 2 {
        tokio::task::yield_now().await;
    }
    proxy.silence();
    // Both are given up by whoever waits for an answer, one of them as it begins a transaction.
    let wait = Duration::from_millis(300);
    let (asked, begun) = tokio::join!(timeout(wait, database.ping()), timeout(wait, database.begin()));
    assert!(asked.is_err() && begun.is_err(), "nobody answers");
    let both = async {
        let (one, other) = (database.begin().await?, database.begin().await?);
        db::one(&one, "SELECT 1", []).await?;
        db::one(&other, "SELECT 1", []).await
    };
    let until = async {
        while both_fail(&database).await {
            tokio::task::yield_now().await;
        }
        both.await
    };
    timeout(Duration::from_secs(45), until).await.expect("their places are free again").unwrap();
    timeout(Duration::from_secs(15), database.close()).await.expect("closing ends");
}

async fn both_fail(database: &Database) -> bool {
    let (one, other) = tokio::join!(database.begin(), database.begin());
    one.is_err() || other.is_err()
}

#[tokio::test]
async fn a_database_with_silent_connections_in_use_can_be_closed() {
    let Some(store) = TestStore::postgres().await else { return };
    let (url, proxy) = behind_proxy(&store).await;
    let database = Database::connect(&url, 2).await.unwrap();
    let held = database.begin().await.unwrap();
    proxy.silence();
    timeout(Duration::from_secs(15), database.close()).await.expect("nobody waits for ever");
    drop(held);
}

#[tokio::test]
async fn a_process_whose_connections_all_fall_silent_goes_on_over_new_ones() {
    let Some(store) = TestStore::postgres().await else { return };
    let (url, proxy) = behind_proxy(&store).await;
    let process = Process::at_url(&url, &[]).await.work().rescue();
    process.job.set(&[("a", Deed::Succeed)]);
    process.ended(&process.trigger().await).await;
    proxy.silence();
    let triggered = async {
        loop {
            let params = RunParams::default();
            let run = process.triggers.run(NAME, Trigger::Manual, &params, "", None, None);
            if let Ok(Ok(Triggered::New(run))) = timeout(Duration::from_secs(4), run).await {
                return run.id;
            }
        }
    };
    let id = timeout(Duration::from_secs(60), triggered).await.expect("a run can be made");
    assert_eq!(process.ended_patiently(&id).await.state, RunState::Succeeded);
    process.end().await;
}

#[tokio::test]
async fn only_a_scheduler_that_alone_cannot_reach_the_database_beats_no_more() {
    let Some(store) = TestStore::postgres().await else { return };
    let (url, proxy) = behind_proxy(&store).await;
    let process = Process::at_url(&url, &[]).await;
    let (control, beat, cancel) = (process.database.control(), Beat::default(), CancellationToken::new());
    assert!(!control.is_cut_off().await, "all is well");
    let held = (control.begin().await.unwrap(), control.begin().await.unwrap());
    assert!(control.is_cut_off().await, "others are answered");
    let clock = app::system_clock();
    let beating = async |patience| {
        let _ = timeout(patience, run_clock(&process.planner, &clock, &process.metrics, &beat, &cancel)).await;
        !process.metrics.render().unwrap().contains("datainfra_scheduler_last_beat_timestamp_seconds 0\n")
    };
    // A pass fails after ten seconds, and the question who is answered takes five.
    assert!(!beating(Duration::from_secs(18)).await, "its connections are held");
    proxy.cut();
    assert!(!control.is_cut_off().await, "nobody is answered: an outage, which ends no process");
    drop(held);
    assert!(beating(Duration::from_secs(18)).await, "the database is away");
}

/// A run of the stock job that somebody seems to execute, so that another one waits for it.
async fn occupy(database: &Database) {
    let sql = "INSERT INTO run (id, job, state, trigger, created_at, params, owner, fence, attempt, lease_until) VALUES \
               ('01980000-0000-7000-8000-000000000000', 'stock', 'running', 'manual', now(), '{}', 'daemon-other', 1, 1, \
               now() + interval '1 hour')";
    execute(database.connection(), sql, []).await.unwrap();
}

async fn newest(database: &Database) -> Run {
    loop {
        if let Some(run) = store::last_run(database.connection(), "stock").await.unwrap()
            && run.owner.as_deref() != Some("daemon-other")
        {
            return run;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_run_in_the_foreground_outlives_an_outage_of_the_database() {
    let Some(store) = TestStore::postgres().await else { return };
    db::migrate_up(&store.url).await.unwrap();
    let database = Database::connect(&store.url, 2).await.unwrap();
    occupy(&database).await;
    let (url, proxy) = behind_proxy(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = datainfra(folder.path());
    command.args(["run", "stock", "--dry-run"]).env("DATABASE_URL", &url);
    let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    timeout(Duration::from_secs(30), newest(&database)).await.expect("it waits for the other one");
    // It is told so itself, and looks at its run from then on.
    tokio::time::sleep(Duration::from_secs(1)).await;
    proxy.cut();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let gone = child.try_wait().unwrap();
    proxy.restore();
    assert!(gone.is_none(), "it has given up: {gone:?}");
    execute(database.connection(), "UPDATE run SET state = 'cancelled' WHERE owner = 'daemon-other'", [])
        .await
        .unwrap();
    let ended = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    let run = newest(&database).await;
    assert_eq!((ended.code(), run.state), (Some(0), RunState::Succeeded), "{run:?}");
    database.close().await;
}

#[test]
fn an_address_where_nobody_listens_is_said_with_its_reason_and_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str]| {
        let mut command = datainfra(folder.path());
        let said =
            command.args(arguments).env("DATABASE_URL", "postgres://me:geheim@127.0.0.1:1/data").output().unwrap();
        assert_eq!(said.status.code(), Some(1));
        text(&said.stderr)
    };
    let commands = [&["check"][..], &["migrate", "status"], &["run", "stock"]];
    let said: Vec<String> = std::thread::scope(|scope| {
        let refused = &refused;
        let running: Vec<_> = commands.iter().map(|arguments| scope.spawn(move || refused(arguments))).collect();
        running.into_iter().map(|command| command.join().unwrap()).collect()
    });
    for said in said {
        let expected = "cannot connect to 127.0.0.1:1: Connection refused; check database.url \
                        (environment variable DATABASE_URL)";
        assert_eq!(said.matches(expected).count(), 1, "{said}");
        assert!(!said.contains("geheim") && !said.contains("pool"), "{said}");
    }
}

#[tokio::test]
async fn what_postgresql_refuses_is_said_without_the_line_of_its_source() {
    let Some(store) = TestStore::postgres().await else { return };
    let mut url = url::Url::parse(&store.url).unwrap();
    url.set_username("nobody_of_that_name").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let refused = datainfra(folder.path()).arg("check").env("DATABASE_URL", url.as_str()).output().unwrap();
    let said = text(&refused.stderr);
    assert!(said.contains("nobody_of_that_name") && said.contains("; check database.url"), "{said}");
    assert!(!said.contains("at line"), "{said}");
}
