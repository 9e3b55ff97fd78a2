//! The daemon under load: a process of its own, as users run it.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{client::Client, variable};

pub struct Daemon {
    process: Child,
    pub address: SocketAddr,
}

impl Daemon {
    /// Starts it with its default settings and no job due, and waits until it is ready.
    pub async fn start(url: &str, folder: &Path) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let process = Command::new(variable("DATAINFRA").unwrap_or_else(|| env!("CARGO_BIN_EXE_datainfra").to_owned()))
            .arg("serve")
            .current_dir(folder)
            .env("DATAINFRA__DATABASE__URL", url)
            .env("DATAINFRA__SERVER__LISTEN", address.to_string())
            .env("DATAINFRA__LOG__LEVEL", "warn")
            .env("DATAINFRA__JOBS__STOCK__ENABLED", "false")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let daemon = Self { process, address };
        loop {
            if let Ok(mut client) = Client::connect(address).await
                && client.ask("/readyz", "").await.is_ok_and(|answer| answer.status == 200)
            {
                return daemon;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
