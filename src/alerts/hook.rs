//! The hooks of a process, and what they need.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use chrono::TimeDelta;

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
    pub(super) hooks: Arc<Vec<Hook>>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) period: Duration,
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
        let mut hooks = Vec::new();
        for (name, settings) in &settings.hooks {
            let webhook = Webhook::new(settings).with_context(|| format!("alerts.{name}"))?;
            hooks.push(Hook { name: name.clone(), settings: settings.clone(), webhook });
        }
        Ok(Self { database, hooks: Arc::new(hooks), metrics, period: PERIOD })
    }

    /// Looks so often instead of every two seconds.
    #[must_use]
    pub fn with_period(self, period: Duration) -> Self {
        Self { period, ..self }
    }

    /// Records once what happened since the last look, for every hook.
    ///
    /// # Errors
    /// What the database says.
    pub async fn look(&self) -> Result<(), DbError> {
        for hook in self.hooks.iter() {
            self.look_for(hook).await?;
        }
        Ok(())
    }

    /// Sends what is due, for every hook.
    ///
    /// # Errors
    /// What the database says.
    pub async fn deliver(&self) -> Result<(), DbError> {
        for hook in self.hooks.iter() {
            self.deliver_for(hook).await?;
        }
        Ok(())
    }
}
