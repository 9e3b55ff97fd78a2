//! Sending: one alert of a hook at a time, the oldest first, each until it arrives or is given up.

use std::time::Duration;

use tracing::Instrument as _;

use super::{
    hook::{Alerts, Hook},
    look::OLDEST,
    payload,
    settings::Format,
    store::{self, Claimed},
    webhook::Verdict,
};
use crate::{
    db::DbError,
    outbound::backoff,
    telemetry::trace::{self, TRACE},
};

/// The longest wait of the backoff.
const LONGEST_WAIT: Duration = Duration::from_mins(15);
/// From the end of an attempt to its record. A process that has not written it by then has died, and another sends.
const RECORDING: Duration = Duration::from_secs(10);
/// Sent in a row; then it is looked for what happened meanwhile.
const MOST: usize = 20;

impl Alerts {
    pub(super) async fn deliver_for(&self, hook: &Hook) -> Result<(), DbError> {
        let connection = self.database.connection();
        let before = store::meet_hook(connection, &hook.name).await?.now - OLDEST;
        for (event, subject, error) in store::give_up_old(connection, &hook.name, before).await? {
            let reason = error.as_deref().unwrap_or("nobody sent it");
            self.given_up(hook, &event, &subject, &format!("not delivered within a day: {reason}"));
        }
        for _ in 0..MOST {
            if !self.deliver_next(hook).await? {
                break;
            }
        }
        Ok(())
    }

    /// Sends the oldest alert if its time has come. True when it is done with, so that the next one may follow.
    async fn deliver_next(&self, hook: &Hook) -> Result<bool, DbError> {
        let (connection, settings) = (self.database.connection(), &hook.settings);
        let lease = settings.timeout + RECORDING;
        let Some(claimed) = store::next_delivery(connection, &hook.name, lease).await? else { return Ok(false) };
        let verdict = if claimed.attempts > settings.max_attempts {
            Verdict::Never { reason: "whoever sent it last vanished".to_owned() }
        } else {
            hook.send(&claimed).await
        };
        match verdict {
            Verdict::Delivered => {
                if store::delivered(connection, &claimed).await? {
                    self.metrics.alert(&claimed.event, "sent");
                }
                Ok(true)
            }
            Verdict::Later { after, reason } if claimed.attempts < settings.max_attempts => {
                let jittered = backoff(claimed.attempts - 1, settings.retry_backoff, LONGEST_WAIT, fastrand::f64());
                let wait = after.map_or(jittered, |after| after.max(jittered));
                tracing::debug!(
                    hook = hook.name,
                    alert = claimed.id,
                    reason,
                    wait_ms = wait.as_millis(),
                    "not delivered"
                );
                store::postpone(connection, &claimed, wait, &reason).await?;
                Ok(false)
            }
            Verdict::Later { reason, .. } | Verdict::Never { reason } => {
                if store::give_up(connection, &claimed, &reason).await? {
                    let told = format!("{reason}, at attempt {} of {}", claimed.attempts, settings.max_attempts);
                    self.given_up(hook, &claimed.event, &claimed.subject, &told);
                }
                Ok(true)
            }
        }
    }

    fn given_up(&self, hook: &Hook, event: &str, subject: &str, reason: &str) {
        let host = hook.webhook.host();
        tracing::error!(hook = hook.name, host, event, subject, reason, "an alert could not be delivered");
        self.metrics.alert(event, "failed");
    }
}

impl Hook {
    async fn send(&self, claimed: &Claimed) -> Verdict {
        let body = match self.settings.format {
            Format::Json => claimed.payload.clone(),
            Format::Slack => payload::slack(&claimed.message),
        };
        // Below what is told, so that the receiver's own spans are found from there.
        let Some(told) = &claimed.context else { return self.webhook.send(claimed, body, None).await };
        let span = tracing::info_span!(
            target: TRACE,
            parent: None,
            "POST",
            otel.kind = "client",
            hook = self.name,
            http.request.method = "POST",
            url.full = self.webhook.host(),
        );
        trace::adopt(&span, told);
        let context = trace::context_of(&span);
        let sent = self.webhook.send(claimed, body, context.as_ref().or(Some(told))).instrument(span.clone()).await;
        if let Verdict::Later { reason, .. } | Verdict::Never { reason } = &sent {
            trace::failed(&span, reason);
        }
        sent
    }
}
