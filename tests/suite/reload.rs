//! A new configuration for a daemon that runs.

use std::path::Path;

use crate::daemon::{Running, datainfra};

fn configure(folder: &Path, schedule: &str) {
    let text = format!("[jobs.stock]\nschedule = \"{schedule}\"\n[sources.yahoo]\nenabled = false\n");
    std::fs::write(folder.join("config.toml"), text).unwrap();
}

async fn shows(daemon: &Running, schedule: &str) {
    let wanted = format!("\"schedule\":\"{schedule}\"");
    daemon.until("/jobs/stock", |status, body| status == 200 && body.contains(&wanted)).await;
}

async fn counts(daemon: &Running, outcome: &str, times: u32) {
    let wanted = format!("datainfra_config_reloads_total{{outcome=\"{outcome}\"}} {times}\n");
    daemon.until("/metrics", |_, body| body.contains(&wanted)).await;
}

async fn successful(daemon: &Running, successful: u32) {
    let wanted = format!("datainfra_config_last_reload_successful {successful}\n");
    daemon.until("/metrics", |_, body| body.contains(&wanted)).await;
}

#[tokio::test]
async fn a_signal_or_a_changed_file_brings_a_new_configuration_and_mistakes_bring_none() {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), "0 1 * * *");
    let mut daemon = Running::serve(folder.path(), &[]);
    shows(&daemon, "0 1 * * *").await;
    counts(&daemon, "taken_over", 0).await;
    successful(&daemon, 1).await;

    // The file alone.
    configure(folder.path(), "0 2 * * *");
    shows(&daemon, "0 2 * * *").await;
    counts(&daemon, "taken_over", 1).await;

    let audit =
        daemon.until("/audit?action=config.reload", |status, body| body.contains("0 2 * * *") || status != 200).await;
    assert!(audit.contains("\"jobs.stock.schedule\":\"\\\"0 1 * * *\\\"\""), "{audit}");

    // The signal alone reads it again, changed or not.
    daemon.signal("-HUP");
    counts(&daemon, "taken_over", 2).await;

    // Mistakes leave everything as it is, and are counted.
    configure(folder.path(), "61 2 * * *");
    counts(&daemon, "refused", 1).await;
    successful(&daemon, 0).await;
    std::fs::write(folder.path().join("config.toml"), "[jobs.stock\n").unwrap();
    counts(&daemon, "refused", 2).await;
    std::fs::remove_file(folder.path().join("config.toml")).unwrap();
    counts(&daemon, "refused", 3).await;
    shows(&daemon, "0 2 * * *").await;

    configure(folder.path(), "0 3 * * *");
    shows(&daemon, "0 3 * * *").await;
    successful(&daemon, 1).await;
    daemon.signal("-TERM");
    assert_eq!(daemon.exit().await, 0);
}

#[tokio::test]
async fn a_new_level_of_the_log_counts_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "[log]\nlevel = \"error\"\nformat = \"text\"\n").unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let log = folder.path().join("log");
    let mut command = datainfra(folder.path());
    command.env("DATAINFRA__SERVER__LISTEN", &address).stderr(std::fs::File::create(&log).unwrap());
    let daemon = Running::spawn(command, address);
    daemon.until("/readyz", |status, _| status == 200).await;
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "", "nothing below error");
    std::fs::write(&file, "[log]\nlevel = \"debug\"\nformat = \"text\"\n").unwrap();
    daemon.signal("-HUP");
    counts(&daemon, "taken_over", 1).await;
    // Each request is a line at debug.
    daemon.until("/livez", |_, _| std::fs::read_to_string(&log).unwrap().contains("DEBUG")).await;
}

#[tokio::test]
async fn another_collector_needs_a_new_start_and_the_log_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (file, log) = (folder.path().join("config.toml"), folder.path().join("log"));
    std::fs::write(&file, "[log]\nformat = \"text\"\n").unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut command = datainfra(folder.path());
    command.env("DATAINFRA__SERVER__LISTEN", &address).stderr(std::fs::File::create(&log).unwrap());
    let daemon = Running::spawn(command, address);
    daemon.until("/readyz", |status, _| status == 200).await;
    std::fs::write(&file, "[log]\nformat = \"text\"\n[telemetry]\nsample_ratio = 0.5\n").unwrap();
    daemon.signal("-HUP");
    counts(&daemon, "taken_over", 1).await;
    let said = || std::fs::read_to_string(&log).unwrap();
    daemon
        .until("/livez", |_, _| said().contains("these changes need a new start keys=\"telemetry.sample_ratio\""))
        .await;
}
