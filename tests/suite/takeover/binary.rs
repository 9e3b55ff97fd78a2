//! The takeover by the binary: what it says, and a process that dies in the middle of it.

use std::{path::Path, process::Stdio, time::Duration};

use data_infrastructure::db;
use sqlx::{Connection as _, Executor as _, PgConnection};

use super::fixture::{content, count, original, script, shape};
use crate::daemon::{Running, datainfra, text};

fn migrate(folder: &Path, url: &str, direction: &str) -> (i32, String, String) {
    let output = datainfra(folder).env("DATABASE_URL", url).args(["migrate", direction]).output().unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn the_command_says_what_it_will_take_over_and_what_it_took_over() {
    let Some((store, database)) = original().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let found = "the original's database (Alembic's revision ffcf7c6907c5) with 4 companies, 728 bars";
    let (code, said, _) = migrate(folder.path(), &store.url, "status");
    assert!(code == 0 && said.contains(&format!("to be taken over by `migrate up`: {found}")), "{said}");
    let (code, said, _) = migrate(folder.path(), &store.url, "up");
    assert!(code == 0 && said.contains(&format!("taken over: {found}")) && !said.contains("pending"), "{said}");
    assert_eq!(count(&database, "SELECT count(*) FROM audit WHERE note LIKE 'taken over: the original%'").await, 1);
    let (_, said, _) = migrate(folder.path(), &store.url, "status");
    assert!(!said.contains("taken over"), "{said}");
    database.close().await;
}

#[tokio::test]
async fn a_refusal_ends_the_command_with_1_and_leaves_the_daemon_alive_and_not_ready_until_it_is_put_right() {
    let Some((store, database)) = original().await else { return };
    let folder = tempfile::tempdir().unwrap();
    script(&database, "ALTER TABLE company ALTER stock_code TYPE text").await;
    let (code, _, said) = migrate(folder.path(), &store.url, "up");
    assert!(code == 1 && said.contains("column company.stock_code is text"), "{said}");
    let daemon = Running::serve(folder.path(), &[("DATABASE_URL", &store.url)]);
    daemon.until("/livez", |status, _| status == 200).await;
    daemon.until("/readyz", |status, body| status == 503 && body.contains("column company.stock_code is text")).await;
    script(&database, "ALTER TABLE company ALTER stock_code TYPE varchar(16)").await;
    daemon.until("/readyz", |status, _| status == 200).await;
    let companies = daemon.until("/api/v1/companies", |status, _| status == 200).await;
    assert!(companies.contains("三号") && !companies.contains("7203"), "{companies}");
    let averages = "/api/v1/stockprices/ma/9433?maTypes=sma5&startDate=2019-09-02&endDate=2019-09-30";
    let body = daemon.until(averages, |status, _| status == 200).await;
    assert_eq!(body.matches("\"maType\"").count(), 19, "{body}");
    database.close().await;
}

/// Lets whoever makes a view wait for a lock.
const HOLD: &str = "CREATE FUNCTION hold() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(42); END $$;\n\
     CREATE EVENT TRIGGER hold ON ddl_command_start WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION hold()";

#[tokio::test]
async fn a_process_killed_in_the_middle_of_the_takeover_has_changed_nothing_and_the_next_one_does_it() {
    let Some((store, database)) = original().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let (rows, tables) = (content(&database).await, shape(&database).await);
    script(&database, HOLD).await;
    let mut holder = PgConnection::connect(&store.url).await.unwrap();
    holder.execute("SELECT pg_advisory_lock(42)").await.unwrap();
    let mut command = datainfra(folder.path());
    command.env("DATABASE_URL", &store.url).args(["migrate", "up"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    // The averages are converted by then, and the view is to be made.
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let started = std::time::Instant::now();
    while count(&database, waiting).await == 0 {
        assert!(started.elapsed() < Duration::from_secs(60), "the takeover does not get there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    process.kill().unwrap();
    process.wait().unwrap();
    // The server finds out that nobody is there when it wants to go on.
    holder.close().await.unwrap();
    script(&database, "DROP EVENT TRIGGER hold;\nDROP FUNCTION hold()").await;
    let ours = ["job_state", "run", "tick", "task", "idempotency", "source_state"];
    let there: Vec<String> = shape(&database).await.split(',').map(str::to_owned).collect();
    let left: Vec<&str> = there
        .iter()
        .map(String::as_str)
        .filter(|column| !ours.iter().any(|name| column.starts_with(&format!("{name}."))))
        .collect();
    assert_eq!(left.join(","), tables);
    assert_eq!(content(&database).await, rows);
    assert!(db::migrate_up(&store.url).await.unwrap().adopted.is_some());
    assert_eq!(content(&database).await, rows);
    database.close().await;
}
