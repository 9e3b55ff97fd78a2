//! A new configuration for a daemon that runs: on SIGHUP, or when its file has changed. It is validated first; one
//! with mistakes changes nothing.
//!
//! `[jobs]`, `[sources]` and `[log]` are taken over; runs under way keep what they began with. The rest needs a new
//! start, and the log says so.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{assembly::configured, more_jobs::JobParts};
use crate::{
    audit::{self, Actor, Change},
    config::{Config, ConfigSource},
    jobs::Registry,
    metrics::Metrics,
    settings::Entry,
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
                self.take_over(&mut config, &reloaded).await;
            }
        }
    }

    async fn take_over(&self, config: &mut Config, reloaded: &Reloaded<'_>) {
        let result = self.source.load().map_err(anyhow::Error::new).and_then(|new| {
            let jobs = configured(&new, reloaded.parts)?;
            if let Some(set_log) = &self.log {
                set_log(&new.log)?;
            }
            Ok((new, jobs))
        });
        reloaded.metrics.config_reloaded(result.is_ok(), reloaded.parts.clock.now());
        match result {
            Ok((new, jobs)) => {
                jobs.into_iter().for_each(|job| reloaded.registry.put(job));
                let changes = changes(config, &new);
                tell(&changes);
                write_down(&changes, reloaded).await;
                *config = new;
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the new configuration has mistakes; the old one stays");
            }
        }
    }
}

/// A key whose value changed: secrets are masked.
struct Changed {
    key: String,
    before: Option<String>,
    after: String,
    /// It is in force now; otherwise it needs a new start.
    taken_over: bool,
}

fn changes(old: &Config, new: &Config) -> Vec<Changed> {
    let old = old.effective_toml().entries();
    let changed = |entry: &Entry| {
        let before = old.iter().find(|before| before.section == entry.section && before.key == entry.key);
        let before = before.map(|before| before.value.clone());
        let section = entry.section.first().map_or("", String::as_str);
        (before.as_ref() != Some(&entry.value)).then(|| Changed {
            key: format!("{}.{}", entry.section.join("."), entry.key),
            before,
            after: entry.value.clone(),
            taken_over: TAKEN_OVER.contains(&section),
        })
    };
    new.effective_toml().entries().iter().filter_map(changed).collect()
}

fn tell(changes: &[Changed]) {
    let keys = |taken_over: bool| -> Vec<&str> {
        changes.iter().filter(|change| change.taken_over == taken_over).map(|change| change.key.as_str()).collect()
    };
    tracing::info!(changed = keys(true).join(", "), "the configuration was read again");
    let later = keys(false);
    if !later.is_empty() {
        tracing::warn!(keys = later.join(", "), "these changes need a new start");
    }
}

/// The audit's row. The configuration is in force already: a database that is away costs the row, and the log says so.
async fn write_down(changes: &[Changed], reloaded: &Reloaded<'_>) {
    let taken: Vec<&Changed> = changes.iter().filter(|change| change.taken_over).collect();
    if taken.is_empty() {
        return;
    }
    let before: Map<String, Value> = taken.iter().map(|c| (c.key.clone(), json!(c.before))).collect();
    let after: Map<String, Value> = taken.iter().map(|c| (c.key.clone(), json!(c.after))).collect();
    let change = Change {
        action: "config.reload",
        subject: "configuration",
        before: Some(before.into()),
        after: Some(after.into()),
        note: "",
    };
    if let Err(error) = audit::store::record(reloaded.parts.database.connection(), &Actor::config(), &change).await {
        tracing::warn!(%error, "the new configuration could not be written to the audit");
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
