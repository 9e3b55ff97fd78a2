//! A daemon, as a process of its own: this program with other environment variables.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    process::{Child, Command, Stdio},
};

use chrono::{DateTime, Utc};
use data_infrastructure::{app, clock::Clock, config, stock, telemetry};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::variable;

/// A daemon under way; killed when it is dropped.
pub struct Daemon(Child);

impl Daemon {
    /// Starts it with a configuration, at an instant of its own.
    pub fn start(url: &str, settings: &[(&str, String)], now: Option<DateTime<Utc>>, run: bool) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env("GROW_CHILD", "1").env("DATAINFRA__DATABASE__URL", url).env("DATAINFRA__LOG__LEVEL", "warn");
        command.env_remove("DATABASE_URL").envs(settings.iter().map(|(key, value)| (*key, value)));
        if let Some(now) = now {
            command.env("GROW_NOW", now.to_rfc3339());
        }
        if run {
            command.env("GROW_RUN", "1");
        }
        Self(command.stdin(Stdio::null()).spawn().unwrap())
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What such a process does.
#[expect(clippy::disallowed_methods, reason = "a benchmark is its own composition root")]
pub async fn run() {
    let env: BTreeMap<String, String> = std::env::vars().filter(|(name, _)| name.starts_with("DATAINFRA__")).collect();
    let config = config::parse(None, &env).unwrap();
    let offset = variable("GROW_NOW").map(|now| now.parse::<DateTime<Utc>>().unwrap() - Utc::now());
    let clock = Clock::new(move || Utc::now() + offset.unwrap_or_default());
    let logs = telemetry::init(&config.log, &config.telemetry, None, false, &clock).unwrap();
    let daemon = app::Daemon {
        config,
        clock,
        listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap(),
        banner: None,
        samples: stock::api::Samples::default(),
        master: Vec::new(),
        run_at_start: variable("GROW_RUN").is_some(),
        more: app::MoreJobs::default(),
        reload: None,
        run_lines: logs.run_lines,
        traces: logs.traces,
    };
    app::run(daemon, CancellationToken::new()).await.unwrap();
}
