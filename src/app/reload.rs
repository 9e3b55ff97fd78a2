//! A new configuration for a daemon that runs: on SIGHUP, or when its file has changed. It is validated first; one
//! with mistakes changes nothing.
//!
//! `[jobs]`, `[sources]` and `[log]` are taken over; runs under way keep what they began with. The rest needs a new
//! start, and the log says so.

use std::{sync::Arc, time::Duration};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{assembly::configured, more_jobs::JobParts};
use crate::{
    config::{Config, ConfigSource},
    jobs::Registry,
    metrics::Metrics,
    telemetry::settings::LogSettings,
};

/// How often the file is looked at. A change counts when two looks find the same: half a file is no configuration.
const LOOK: Duration = Duration::from_secs(1);
/// The sections that are taken over.
const TAKEN_OVER: [&str; 3] = ["jobs", "sources", "log"];

/// Changes what is logged, and how.
pub type SetLog = Box<dyn Fn(&LogSettings) -> anyhow::Result<()> + Send + Sync>;

/// Where new configurations come from.
pub struct Reload {
    source: ConfigSource,
    hangups: Option<Signal>,
    log: Option<SetLog>,
}

/// What a new configuration changes.
pub struct Reloaded<'a> {
    pub parts: &'a JobParts,
    pub registry: &'a Registry,
    pub metrics: &'a Arc<Metrics>,
}

impl Reload {
    /// Listens to SIGHUP from now on, which would otherwise end the process.
    #[must_use]
    pub fn new(source: ConfigSource, log: Option<SetLog>) -> Self {
        let hangups = signal(SignalKind::hangup())
            .inspect_err(|error| tracing::warn!(%error, "SIGHUP cannot be listened to"))
            .ok();
        Self { source, hangups, log }
    }

    /// Takes new configurations over until cancelled.
    pub async fn watch(mut self, mut config: Config, reloaded: Reloaded<'_>, cancel: &CancellationToken) {
        let mut in_force = self.source.text();
        let mut seen = in_force.clone();
        loop {
            let asked = tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(LOOK) => false,
                () = hangup(&mut self.hangups) => true,
            };
            let text = self.source.text();
            let settled = text == seen;
            seen.clone_from(&text);
            if asked || (settled && text != in_force) {
                in_force = text;
                self.take_over(&mut config, &reloaded);
            }
        }
    }

    fn take_over(&self, config: &mut Config, reloaded: &Reloaded<'_>) {
        let result = self.source.load().map_err(anyhow::Error::new).and_then(|new| {
            let jobs = configured(&new, reloaded.parts)?;
            if let Some(set_log) = &self.log {
                set_log(&new.log)?;
            }
            Ok((new, jobs))
        });
        reloaded.metrics.config_reloaded(result.is_ok());
        match result {
            Ok((new, jobs)) => {
                jobs.into_iter().for_each(|job| reloaded.registry.put(job));
                tell(config, &new);
                *config = new;
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the new configuration has mistakes; the old one stays");
            }
        }
    }
}

/// Says what changed, and what of it needs a new start.
fn tell(old: &Config, new: &Config) {
    let (mut changed, mut later) = (Vec::new(), Vec::new());
    for entry in new.effective_toml().entries() {
        let same = |before: &&crate::settings::Entry| before.section == entry.section && before.key == entry.key;
        let before = old.effective_toml().entries().iter().find(same);
        if before.is_some_and(|before| before.value == entry.value) {
            continue;
        }
        let name = format!("{}.{}", entry.section.join("."), entry.key);
        let taken = entry.section.first().is_some_and(|section| TAKEN_OVER.contains(&section.as_str()));
        if taken { changed.push(name) } else { later.push(name) }
    }
    tracing::info!(changed = changed.join(", "), "the configuration was read again");
    if !later.is_empty() {
        tracing::warn!(keys = later.join(", "), "these changes need a new start");
    }
}

async fn hangup(hangups: &mut Option<Signal>) {
    let heard = match hangups {
        Some(signal) => signal.recv().await,
        None => None,
    };
    if heard.is_none() {
        std::future::pending::<()>().await;
    }
}
