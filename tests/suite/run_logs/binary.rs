//! The commands keep the logs of their runs.

use std::path::Path;

use data_infrastructure::{
    db::{Database, all},
    jobs::{LogLine, RunId},
};

use super::kept::{log_of, messages};
use crate::daemon::{Running, run, text};

/// The logs of all runs in a SQLite file.
async fn logs_in(file: &Path) -> Vec<Vec<LogLine>> {
    let database = Database::connect(&format!("sqlite://{}", file.display()), 1).await.unwrap();
    let mut logs = Vec::new();
    for row in all(database.connection(), "SELECT id FROM run", []).await.unwrap() {
        let id: String = row.try_get("", "id").unwrap();
        logs.push(log_of(&database, &RunId::parse(&id).unwrap()).await);
    }
    logs
}

#[tokio::test]
async fn a_run_from_the_command_line_keeps_its_log_to_the_last_line() {
    let folder = tempfile::tempdir().unwrap();
    let dry = ["run", "stock", "--from", "2020-01-01", "--company", "7203", "--dry-run"];
    let output = run(folder.path(), &dry);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let logs = logs_in(&folder.path().join("data/datainfra.db")).await;
    let told = messages(&logs[0]);
    assert_eq!((told.first(), told.last()), (Some(&"run started"), Some(&"run ended")), "{told:?}");
    assert!(logs[0].iter().any(|line| line.task.as_deref() == Some("7203") && line.message == "task done"), "{told:?}");
}

#[tokio::test]
async fn a_daemon_that_is_stopped_keeps_what_its_run_said_last() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Running::demo(folder.path());
    demo.until("/runs?state=running", |status, body| status == 200 && body.contains("\"attempt\":1")).await;
    demo.signal("-TERM");
    assert_eq!(demo.exit().await, 0);
    let logs = logs_in(&folder.path().join("demo/demo.db")).await;
    let last = logs[0].last().map(|line| line.message.as_str());
    assert!(matches!(last, Some("run ended" | "run put back to the queue with its finished tasks")), "{last:?}");
}
