//! Webhooks that come, change and go while a daemon runs.

use std::time::Duration;

use super::{configured, reloads};
use crate::{
    alerts::world::{Receiver, until},
    daemon::Running,
};

/// A run that fails within a moment: nobody listens there.
const SOURCE: &str = "[sources.ecb]\nbase_url = \"http://127.0.0.1:9\"\nmax_retries = 0\nmin_interval = \"0s\"\n\
                      [jobs.fx]\nmax_attempts = 1\n";

async fn fails(daemon: &Running) {
    let head = format!("POST /jobs/fx/run HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", daemon.address);
    let (status, answer) = daemon.send(&format!("{head}Content-Length: 0\r\nPrefer: wait=30\r\n\r\n")).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains("\"state\":\"failed\""), "{answer}");
}

async fn told(receiver: &Receiver, times: usize) {
    until("the failures are told", || async { receiver.told().await.len() >= times }).await;
    assert_eq!(receiver.told().await, vec!["failed fx"; times]);
}

async fn signatures(receiver: &Receiver) -> Vec<bool> {
    let signed = |request: &wiremock::Request| request.headers.contains_key("x-datainfra-signature");
    receiver.requests().await.iter().map(signed).collect()
}

#[tokio::test]
async fn a_hook_comes_changes_its_address_and_goes_without_a_restart() {
    let (one, two) = (Receiver::start().await, Receiver::start().await);
    let folder = tempfile::tempdir().unwrap();
    let (file, config) = (folder.path().join("url"), folder.path().join("config.toml"));
    let mut daemon =
        configured(folder.path(), "127.0.0.1", |listen| format!("[server]\nlisten = \"{listen}\"\n{SOURCE}"));
    daemon.until("/readyz", |status, _| status == 200).await;
    let without = std::fs::read_to_string(&config).unwrap();
    fails(&daemon).await;

    // It comes; what was before it is not told.
    std::fs::write(&file, one.url()).unwrap();
    let hook = format!("[alerts.ops]\nurl_file = {file:?}\nrepeat_after = \"0s\"\n");
    std::fs::write(&config, format!("{without}{hook}")).unwrap();
    reloads(&daemon, "taken_over", 1).await;
    meets(&daemon, &one).await;

    // Its address moves with the file, and it is signed from now on.
    std::fs::write(&file, two.url()).unwrap();
    std::fs::write(&config, format!("{without}{hook}secret = \"Jefe\"\n")).unwrap();
    reloads(&daemon, "taken_over", 2).await;
    fails(&daemon).await;
    told(&two, 1).await;
    assert_eq!((signatures(&one).await, signatures(&two).await), (vec![false], vec![true]));

    // What is no address changes nothing.
    std::fs::write(&file, "geheim").unwrap();
    reloads(&daemon, "refused", 1).await;
    fails(&daemon).await;
    told(&two, 2).await;

    // It goes.
    std::fs::write(&config, &without).unwrap();
    reloads(&daemon, "taken_over", 3).await;
    fails(&daemon).await;
    daemon.signal("-TERM");
    assert_eq!(daemon.exit().await, 0);
    assert_eq!(two.told().await.len(), 2);
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(!log.contains("geheim") && !log.contains("Jefe"), "{log}");
}

/// Fails until the hook has told of it: what ended before its first look is not told.
async fn meets(daemon: &Running, receiver: &Receiver) {
    for _ in 0..3 {
        fails(daemon).await;
        for _ in 0..100 {
            if !receiver.told().await.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    panic!("no failure is told");
}
