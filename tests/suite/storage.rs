//! A disk that is full, a file that is read-only: the daemon lives and says why it is not ready.

use std::process::{Command, Stdio};

use crate::daemon::{Running, datainfra, run};

#[tokio::test]
async fn a_full_disk_leaves_the_daemon_alive_and_not_ready_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &["migrate", "up"]).status.success());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let plain = datainfra(folder.path());
    // No file of the process may grow beyond a megabyte: a write that fails as on a full disk.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$0\" serve"]).arg(plain.get_program());
    command.current_dir(folder.path()).env_clear().envs(kept()).env("DATAINFRA__SERVER__LISTEN", &address);
    command.stderr(Stdio::null());
    let daemon = Running::spawn(command, address);
    daemon.until("/livez", |status, _| status == 200).await;
    let body = daemon.until("/readyz", |status, body| status == 503 && body.contains("database")).await;
    assert!(body.contains("database"), "{body}");
    let (status, _) = daemon.get("/livez").await.unwrap();
    assert_eq!(status, 200);
}

/// What a process needs of this one's environment.
fn kept() -> impl Iterator<Item = (String, String)> {
    std::env::vars().filter(|(name, _)| ["PATH", "TMPDIR", "HOME"].contains(&name.as_str()))
}

#[tokio::test]
async fn a_read_only_file_leaves_the_daemon_alive_and_not_ready_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &["migrate", "up"]).status.success());
    let daemon = Running::serve(folder.path(), &[("DATAINFRA__DATABASE__URL", "sqlite://data/datainfra.db?mode=ro")]);
    daemon.until("/livez", |status, _| status == 200).await;
    let body = daemon.until("/readyz", |status, body| status == 503 && body.contains("readonly")).await;
    assert!(body.contains("database"), "{body}");
}
