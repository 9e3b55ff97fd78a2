//! A new configuration for a daemon that runs: on SIGHUP, or when a file that it was read from has changed, its own or
//! that of a secret. It is validated first; one with mistakes changes nothing.
//!
//! `[jobs]`, `[sources]`, `[alerts]`, `[log]`, the tokens of `[server]` and user and password of the database are taken
//! over; runs under way keep what they began with. The rest needs a new start, and the log says so.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{assembly::configured, more_jobs::JobParts};
use crate::{
    alerts::{Alerts, Hooks},
    audit::{self, Actor, Change},
    config::{Config, ConfigSource},
    db::settings::DatabaseUrl,
    http::Auth,
    jobs::{Registered, Registry},
    metrics::Metrics,
    settings::{Entry, Inputs},
    telemetry::settings::LogSettings,
};

/// How often the files are looked at. A change counts when two looks find the same: half a file is no configuration.
const LOOK: Duration = Duration::from_secs(1);

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
    pub auth: &'a Auth,
    pub alerts: &'a Alerts,
    /// What the daemon was started with: where it listens, and which database it has.
    pub started: &'a Config,
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

    #[must_use]
    pub const fn source(&self) -> &ConfigSource {
        &self.source
    }

    /// Takes new configurations over until cancelled.
    pub async fn watch(mut self, mut config: Config, reloaded: Reloaded<'_>, cancel: &CancellationToken) {
        let mut in_force = config.effective_toml().inputs().clone();
        let mut seen = in_force.clone();
        loop {
            let asked = tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(LOOK) => false,
                () = hangup(&mut self.hangups) => true,
            };
            let look = in_force.look_again();
            let settled = look == seen;
            seen = look;
            if asked || (settled && seen != in_force) {
                in_force = self.take_over(&mut config, &reloaded).await;
                seen.clone_from(&in_force);
            }
        }
    }

    /// Gives the files that were read: those of a refused configuration are looked at as well.
    async fn take_over(&self, config: &mut Config, reloaded: &Reloaded<'_>) -> Inputs {
        let loaded = self.source.load();
        let inputs = match &loaded {
            Ok(new) => new.effective_toml().inputs().clone(),
            Err(problems) => problems.inputs().clone(),
        };
        let result = loaded.map_err(anyhow::Error::new).and_then(|new| {
            let accepted = self.accept(&new, reloaded)?;
            Ok((new, accepted))
        });
        reloaded.metrics.config_reloaded(result.is_ok(), reloaded.parts.clock.now());
        match result {
            Ok((new, (jobs, hooks))) => {
                jobs.into_iter().for_each(|job| reloaded.registry.put(job));
                reloaded.auth.replace(new.server.tokens(), new.server.protect_reads);
                let changes = changes(config, &new, &reloaded.started.database.url);
                // Otherwise what is being told is left alone.
                if changes.iter().any(|change| change.key.starts_with("alerts.")) {
                    reloaded.alerts.replace(hooks);
                }
                tell(&changes);
                write_down(&changes, reloaded).await;
                *config = new;
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the new configuration has mistakes; the old one stays");
            }
        }
        inputs
    }

    /// Whatever can be refused: after it, everything is taken over.
    fn accept(&self, new: &Config, reloaded: &Reloaded<'_>) -> anyhow::Result<(Vec<Registered>, Hooks)> {
        let listen = reloaded.started.server.listen;
        if !listen.ip().is_loopback() && !new.server.has_changing_token() {
            bail!(
                "server.token: {listen}, on which this daemon goes on listening, can be reached from other hosts, and \
                 no token would be left that may change something; keep one, or start anew on 127.0.0.1"
            );
        }
        let (jobs, hooks) = (configured(new, reloaded.parts)?, Hooks::new(&new.alerts)?);
        let url = &new.database.url;
        if url.is_same_place(&reloaded.started.database.url) {
            reloaded.parts.database.set_address(url.expose()).context("database.url")?;
        }
        if let Some(set_log) = &self.log {
            set_log(&new.log)?;
        }
        Ok((jobs, hooks))
    }
}

/// A key whose value changed: secrets are masked.
struct Changed {
    key: String,
    before: Option<String>,
    after: Option<String>,
    /// It is in force now; otherwise it needs a new start.
    taken_over: bool,
}

/// What differs, with the keys that are gone at the end. `started` is the database that the daemon has.
fn changes(old: &Config, new: &Config, started: &DatabaseUrl) -> Vec<Changed> {
    let (old, entries) = (old.effective_toml().entries(), new.effective_toml().entries());
    let same_database = new.database.url.is_same_place(started);
    let changed = |entry: &Entry, before: Option<&Entry>, after: Option<&Entry>| {
        let shown = |entry: Option<&Entry>| entry.map(|entry| entry.value.clone());
        let compared = |entry: Option<&Entry>| entry.map(|entry| (entry.value.clone(), entry.secret));
        (compared(before) != compared(after)).then(|| Changed {
            key: format!("{}.{}", entry.section.join("."), entry.key),
            before: shown(before),
            after: shown(after),
            taken_over: is_taken_over(entry, same_database),
        })
    };
    let now = entries.iter().filter_map(|entry| changed(entry, find(old, entry), Some(entry)));
    let gone = old.iter().filter(|entry| find(entries, entry).is_none());
    now.chain(gone.filter_map(|entry| changed(entry, Some(entry), None))).collect()
}

fn find<'a>(entries: &'a [Entry], like: &Entry) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.section == like.section && entry.key == like.key)
}

fn is_taken_over(entry: &Entry, same_database: bool) -> bool {
    let section: Vec<&str> = entry.section.iter().map(String::as_str).collect();
    match (section.as_slice(), entry.key.as_str()) {
        (["jobs" | "sources" | "alerts" | "log", ..] | ["server", "tokens", _], _)
        | (["server"], "token" | "protect_reads") => true,
        (["database"], "url") => same_database,
        _ => false,
    }
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
