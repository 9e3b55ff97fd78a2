//! The hooks of a process, and what they need.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use chrono::TimeDelta;
use tokio::sync::watch;

use super::{
    settings::{AlertSettings, HookSettings},
    webhook::Webhook,
};
use crate::{
    db::{Database, DbError},
    metrics::Metrics,
};

/// How often is looked for something to tell.
const PERIOD: Duration = Duration::from_secs(2);

/// Tells people through webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Alerts {
    pub(super) database: Database,
    hooks: Arc<watch::Sender<Hooks>>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) period: Duration,
}

/// The hooks of a configuration, ready to send.
#[derive(Clone)]
pub struct Hooks(pub(super) Arc<[Hook]>);

impl Hooks {
    /// # Errors
    /// When the HTTP client of a hook cannot be made.
    pub fn new(settings: &AlertSettings) -> anyhow::Result<Self> {
        let made = |(name, settings): (&String, &HookSettings)| {
            let webhook = Webhook::new(settings).with_context(|| format!("alerts.{name}"))?;
            Ok(Hook { name: name.clone(), settings: settings.clone(), webhook })
        };
        settings.hooks.iter().map(made).collect::<anyhow::Result<_>>().map(Self)
    }
}

/// One hook of the configuration.
pub struct Hook {
    pub name: String,
    pub settings: HookSettings,
    pub webhook: Webhook,
}

impl Hook {
    pub fn repeat_after(&self) -> TimeDelta {
        TimeDelta::from_std(self.settings.repeat_after).unwrap_or(TimeDelta::MAX)
    }
}

impl Alerts {
    /// # Errors
    /// When the HTTP client of a hook cannot be made.
    pub fn new(database: Database, settings: &AlertSettings, metrics: Arc<Metrics>) -> anyhow::Result<Self> {
        let hooks = Arc::new(watch::Sender::new(Hooks::new(settings)?));
        Ok(Self { database, hooks, metrics, period: PERIOD })
    }

    /// Looks so often instead of every two seconds.
    #[must_use]
    pub fn with_period(self, period: Duration) -> Self {
        Self { period, ..self }
    }

    /// Takes other hooks. What is still to be told to one that keeps its name is told to its new address.
    pub fn replace(&self, hooks: Hooks) {
        self.hooks.send_replace(hooks);
    }

    pub(super) fn hooks(&self) -> Hooks {
        self.hooks.borrow().clone()
    }

    pub(super) fn changes(&self) -> watch::Receiver<Hooks> {
        self.hooks.subscribe()
    }

    /// Records once what happened since the last look, for every hook.
    ///
    /// # Errors
    /// What the database says.
    pub async fn look(&self) -> Result<(), DbError> {
        for hook in self.hooks().0.iter() {
            self.look_for(hook).await?;
        }
        Ok(())
    }

    /// Sends what is due, for every hook.
    ///
    /// # Errors
    /// What the database says.
    pub async fn deliver(&self) -> Result<(), DbError> {
        for hook in self.hooks().0.iter() {
            self.deliver_for(hook).await?;
        }
        Ok(())
    }
}
