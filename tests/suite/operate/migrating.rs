//! What the probes say while the tables are brought up to date.

use data_infrastructure::db;
use sqlx::{Connection as _, PgConnection};

use crate::{
    daemon::Running,
    support::{Proxy, TestStore, on_both_databases},
};

/// The lock that a process holds while it migrates.
const LOCK: i64 = 0x6461_7461_696e_6672;
const THERE: &str = "\ndatainfra_database_reachable 1\n";
const OLD_TABLES: &str = "\ndatainfra_database_migrated 0\n";
const NEW_TABLES: &str = "\ndatainfra_database_migrated 1\n";

#[tokio::test]
async fn a_daemon_that_waits_for_another_ones_migration_lives_and_says_so() {
    let Some(store) = TestStore::postgres().await else { return };
    let mut other = PgConnection::connect(&store.url).await.unwrap();
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut other).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut daemon = Running::serve(folder.path(), &[("DATABASE_URL", &store.url)]);
    let body = daemon.until("/readyz", |_, body| body.contains("another process")).await;
    assert!(body.contains("\"migrated\":\"another process is bringing the tables up to date"), "{body}");
    assert!(!body.contains("\"database\":"), "the database is there: {body}");
    // It is not away: what waits is told by a metric of its own.
    let metrics = daemon.get("/metrics").await.unwrap().1;
    assert!(metrics.contains(THERE) && metrics.contains(OLD_TABLES), "{metrics}");
    assert_eq!(daemon.get("/livez").await.unwrap().0, 200);
    let (status, body) = daemon.get("/jobs").await.unwrap();
    assert!(status == 503 && body.contains("starting: another process"), "{status} {body}");
    // It can be told to end meanwhile.
    let mut second = Running::serve(folder.path(), &[("DATABASE_URL", &store.url)]);
    second.until("/readyz", |_, body| body.contains("another process")).await;
    second.signal("-TERM");
    assert_eq!(second.exit().await, 0);
    other.close().await.unwrap();
    daemon.until("/readyz", |status, _| status == 200).await;
    daemon.signal("-TERM");
    assert_eq!(daemon.exit().await, 0);
}

on_both_databases!(
    a_daemon_that_may_not_migrate_says_what_is_missing_and_goes_on_by_itself,
    |store: TestStore| async {
        db::migrate_up(&store.url).await.unwrap();
        let down = db::migrate_down(&store.url, 2).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let settings = [("DATABASE_URL", store.url.as_str()), ("DATAINFRA__DATABASE__MIGRATE_ON_START", "false")];
        let mut daemon = Running::serve(folder.path(), &settings);
        let body = daemon.until("/readyz", |_, body| body.contains("datainfra migrate up")).await;
        for name in &down.reverted {
            assert!(body.contains(name.as_str()), "{name} is missing: {body}");
        }
        assert_eq!(daemon.get("/livez").await.unwrap().0, 200);
        let metrics = daemon.get("/metrics").await.unwrap().1;
        assert!(metrics.contains(THERE) && metrics.contains(OLD_TABLES), "the database is there: {metrics}");
        db::migrate_up(&store.url).await.unwrap();
        daemon.until("/readyz", |status, _| status == 200).await;
        daemon.until("/metrics", |_, body| body.contains(THERE) && body.contains(NEW_TABLES)).await;
        daemon.signal("-TERM");
        assert_eq!(daemon.exit().await, 0);
    }
);

#[tokio::test]
async fn an_empty_database_that_answers_is_not_away_and_one_that_goes_away_is() {
    let Some(store) = TestStore::postgres().await else { return };
    let mut url = url::Url::parse(&store.url).unwrap();
    let target = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap()).parse().unwrap();
    let proxy = Proxy::before(target).await;
    url.set_port(Some(proxy.address().port())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let settings = [("DATABASE_URL", url.as_str()), ("DATAINFRA__DATABASE__MIGRATE_ON_START", "false")];
    let mut daemon = Running::serve(folder.path(), &settings);
    let body = daemon.until("/readyz", |_, body| body.contains("datainfra migrate up")).await;
    assert!(!body.contains("\"database\":"), "{body}");
    let metrics = daemon.get("/metrics").await.unwrap().1;
    assert!(metrics.contains(THERE) && metrics.contains(OLD_TABLES), "{metrics}");
    proxy.cut();
    daemon.until("/metrics", |_, body| body.contains("\ndatainfra_database_reachable 0\n")).await;
    proxy.restore();
    daemon.until("/metrics", |_, body| body.contains(THERE) && body.contains(OLD_TABLES)).await;
    daemon.signal("-TERM");
    assert_eq!(daemon.exit().await, 0);
}
