//! Tokens and keys that change while a daemon runs.

use super::{configured, pause, reloads, until_pause};
use crate::daemon::{Running, datainfra};

const OLD: &str = "old-0123456789abcdef";
const NEW: &str = "new-0123456789abcdef";
const OPS: &str = "ops-0123456789abcdef";

#[tokio::test]
async fn a_token_is_rotated_by_its_file_and_by_the_configuration_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (file, config) = (folder.path().join("token"), folder.path().join("config.toml"));
    std::fs::write(&file, format!("{OLD}\n")).unwrap();
    let ops = format!("[server.tokens.ops]\ntoken = \"{OPS}\"\nscope = \"operate\"\n");
    let mut daemon = configured(folder.path(), "127.0.0.1", |listen| {
        format!("[server]\nlisten = \"{listen}\"\ntoken_file = {file:?}\n")
    });
    daemon.until("/readyz", |status, _| status == 200).await;
    let server = std::fs::read_to_string(&config).unwrap();
    assert_eq!((pause(&daemon, OLD).await, pause(&daemon, NEW).await), (200, 401));

    // The file alone.
    std::fs::write(&file, format!("{NEW}\n")).unwrap();
    until_pause(&daemon, NEW, 200).await;
    assert_eq!(pause(&daemon, OLD).await, 401, "the old one is gone");

    // Another name beside it, in the configuration.
    std::fs::write(&config, format!("{server}{ops}")).unwrap();
    until_pause(&daemon, OPS, 200).await;
    assert_eq!(pause(&daemon, NEW).await, 200);
    reloads(&daemon, "taken_over", 2).await;

    // Rules stay rules: no two alike, none too short, and a file that is gone is no token less.
    std::fs::write(&file, OPS).unwrap();
    reloads(&daemon, "refused", 1).await;
    std::fs::write(&config, format!("{server}{}", ops.replace(OPS, "short"))).unwrap();
    reloads(&daemon, "refused", 2).await;
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&config, format!("{server}{ops}")).unwrap();
    reloads(&daemon, "refused", 3).await;
    assert_eq!((pause(&daemon, NEW).await, pause(&daemon, OPS).await), (200, 200), "what was refused changes nothing");

    // The file comes back with what it held before, and the name goes.
    std::fs::write(&file, NEW).unwrap();
    std::fs::write(&config, &server).unwrap();
    until_pause(&daemon, OPS, 401).await;
    assert_eq!(pause(&daemon, NEW).await, 200);

    let head = format!("GET /audit?action=config.reload HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", daemon.address);
    let (status, audit) = daemon.send(&format!("{head}Authorization: Bearer {NEW}\r\n\r\n")).await.unwrap();
    assert_eq!(status, 200, "{audit}");
    assert!(audit.contains("\"server.token\":") && audit.contains("\"server.tokens.ops.token\":null"), "{audit}");
    daemon.signal("-TERM");
    assert_eq!(daemon.exit().await, 0);
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    for secret in [OLD, NEW, OPS] {
        assert!(!audit.contains(secret) && !log.contains(secret), "{audit} {log}");
    }
}

#[tokio::test]
async fn the_last_token_does_not_vanish_from_an_address_that_others_can_reach() {
    let folder = tempfile::tempdir().unwrap();
    let mut daemon =
        configured(folder.path(), "0.0.0.0", |listen| format!("[server]\nlisten = \"{listen}\"\ntoken = \"{OLD}\"\n"));
    daemon.until("/readyz", |status, _| status == 200).await;
    // By itself a configuration without mistakes: but where it listens is not taken over.
    std::fs::write(folder.path().join("config.toml"), "[server]\nlisten = \"127.0.0.1:8080\"\n").unwrap();
    reloads(&daemon, "refused", 1).await;
    assert_eq!((pause(&daemon, OLD).await, pause(&daemon, "").await), (200, 401));
    daemon.signal("-TERM");
    assert_eq!(daemon.exit().await, 0);
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("no token would be left that may change something"), "{log}");
}

#[tokio::test]
async fn a_changed_key_of_a_source_is_taken_over_and_named_without_its_value() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "geheim-eins").unwrap();
    let daemon = configured(folder.path(), "127.0.0.1", |listen| {
        format!("[server]\nlisten = \"{listen}\"\n[sources.jquants]\napi_key_file = {file:?}\n")
    });
    daemon.until("/readyz", |status, _| status == 200).await;
    std::fs::write(&file, "geheim-zwei").unwrap();
    reloads(&daemon, "taken_over", 1).await;
    let audit = daemon.until("/audit?action=config.reload", |_, body| body.contains("sources.jquants.api_key")).await;
    assert!(!audit.contains("geheim"), "{audit}");
}

#[tokio::test]
async fn a_run_is_owned_by_the_instance_that_executes_it() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Running::serve(folder.path(), &[("DATAINFRA__SERVER__INSTANCE", "pod-7")]);
    daemon.until("/readyz", |status, _| status == 200).await;
    let head = format!("POST /jobs/stock/run HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", daemon.address);
    let body = "{\"dryRun\":true}";
    let json = format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    assert_eq!(daemon.send(&format!("{head}{json}")).await.unwrap().0, 202);
    daemon.until("/runs", |_, body| body.contains("\"owner\":\"daemon-pod-7-")).await;
    let refused =
        datainfra(folder.path()).arg("check").env("DATAINFRA__SERVER__INSTANCE", "two words").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
}
