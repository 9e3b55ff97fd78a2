//! Configuration from a volume of Kubernetes, whose files change all at once: the kubelet exchanges one symbolic link.

use std::{fs, os::unix::fs::symlink, path::Path, time::Duration};

use super::reloads;
use crate::daemon::{Running, datainfra};

/// What the kubelet does with a new state of a volume: a folder of its own, and `..data` moved over to it.
fn swap(volume: &Path, number: u32, files: &[(&str, &str)]) {
    let folder = format!("..2026_11_22_{number}");
    fs::create_dir_all(volume.join(&folder)).unwrap();
    for (name, text) in files {
        fs::write(volume.join(&folder).join(name), text).unwrap();
        let link = volume.join(name);
        if link.symlink_metadata().is_err() {
            symlink(Path::new("..data").join(name), link).unwrap();
        }
    }
    let before = fs::read_link(volume.join("..data")).ok();
    symlink(&folder, volume.join("..data_tmp")).unwrap();
    fs::rename(volume.join("..data_tmp"), volume.join("..data")).unwrap();
    if let Some(before) = before {
        fs::remove_dir_all(volume.join(before)).unwrap();
    }
}

fn text(schedule: &str) -> String {
    format!("[jobs.stock]\nschedule = \"{schedule}\"\n")
}

async fn shows(daemon: &Running, schedule: &str) {
    let wanted = format!("\"schedule\":\"{schedule}\"");
    daemon.until("/jobs/stock", |status, body| status == 200 && body.contains(&wanted)).await;
}

/// The scheduler beats once a second: by then the files have been looked at, too.
async fn beats(daemon: &Running, times: u32) {
    let series = "datainfra_scheduler_last_beat_timestamp_seconds ";
    let beat = async || {
        let metrics = daemon.until("/metrics", |status, _| status == 200).await;
        metrics.lines().find_map(|line| line.strip_prefix(series)?.parse::<f64>().ok()).unwrap()
    };
    let until = beat().await + f64::from(times);
    while beat().await < until {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_volume_that_is_exchanged_is_taken_over_and_one_away_for_a_while_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let volume = folder.path().join("config");
    fs::create_dir(&volume).unwrap();
    swap(&volume, 1, &[("config.toml", &text("0 1 * * *"))]);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let log = folder.path().join("log");
    let mut command = datainfra(folder.path());
    command.arg("--config").arg(volume.join("config.toml")).arg("serve");
    command.env("DATAINFRA__SERVER__LISTEN", &address).stderr(fs::File::create(&log).unwrap());
    let mut daemon = Running::spawn(command, address);
    shows(&daemon, "0 1 * * *").await;

    swap(&volume, 2, &[("config.toml", &text("0 2 * * *"))]);
    shows(&daemon, "0 2 * * *").await;
    reloads(&daemon, "taken_over", 1).await;

    // A state with a mistake, and back.
    swap(&volume, 3, &[("config.toml", "[jobs.stock]\nschedule = \"0 3 ")]);
    reloads(&daemon, "refused", 1).await;
    shows(&daemon, "0 2 * * *").await;
    swap(&volume, 4, &[("config.toml", &text("0 2 * * *"))]);
    reloads(&daemon, "taken_over", 2).await;

    // Away: told once, however long it lasts.
    fs::rename(volume.join("..data"), volume.join("..away")).unwrap();
    reloads(&daemon, "refused", 2).await;
    beats(&daemon, 4).await;
    reloads(&daemon, "refused", 2).await;
    shows(&daemon, "0 2 * * *").await;
    assert_eq!(fs::read_to_string(&log).unwrap().matches("cannot read the file").count(), 1);
    fs::rename(volume.join("..away"), volume.join("..data")).unwrap();
    reloads(&daemon, "taken_over", 3).await;

    swap(&volume, 5, &[("config.toml", &text("0 5 * * *"))]);
    shows(&daemon, "0 5 * * *").await;
    daemon.signal("-TERM");
    assert_eq!(daemon.exit().await, 0);
}
