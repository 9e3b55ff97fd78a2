//! What operators do: secrets and configuration that change while a daemon runs, upgrades, backups.

mod backup;
mod migrating;
mod passwords;
mod tokens;
mod upgrade;
mod volumes;
mod webhooks;

use std::{path::Path, process::Stdio};

use crate::daemon::{Running, datainfra};

/// A daemon whose address stands in its configuration, which `text` makes of it. What it says is in the file `log`.
fn configured(folder: &Path, host: &str, text: impl Fn(&str) -> String) -> Running {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    std::fs::write(folder.join("config.toml"), text(&format!("{host}:{port}"))).unwrap();
    let mut command = datainfra(folder);
    command.stdout(Stdio::null()).stderr(std::fs::File::create(folder.join("log")).unwrap());
    Running::spawn(command, format!("127.0.0.1:{port}"))
}

async fn reloads(daemon: &Running, outcome: &str, times: u32) {
    let wanted = format!("datainfra_config_reloads_total{{outcome=\"{outcome}\"}} {times}\n");
    daemon.until("/metrics", |_, body| body.contains(&wanted)).await;
}

/// The status of a change in the name of a token.
async fn pause(daemon: &Running, token: &str) -> u16 {
    let head = format!("POST /jobs/stock/pause HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", daemon.address);
    let request = format!("{head}Authorization: Bearer {token}\r\nContent-Length: 0\r\n\r\n");
    daemon.send(&request).await.expect("an answer").0
}

async fn until_pause(daemon: &Running, token: &str, wanted: u16) {
    let wait = async {
        while pause(daemon, token).await != wanted {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), wait).await.expect("the token is taken over");
}
