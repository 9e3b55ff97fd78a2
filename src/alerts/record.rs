//! Writing down what happened for one hook: incident, alert and how far it has looked, in one transaction that holds
//! the hook's lock, so that each thing is recorded once however many replicas saw it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::{
    hook::{Alerts, Hook},
    incident::{Incident, Occurrence},
    payload::{Payload, RunPart},
    settings::Event,
    store::{self, HookState, NewAlert},
};
use crate::{
    db::{DbError, Transaction},
    jobs::{self, Run},
    metrics::Metrics,
    telemetry::trace::{self, TRACE, TraceContext},
};

/// Records for one hook.
pub struct Recorder<'a> {
    pub hook: &'a Hook,
    pub transaction: Transaction,
    pub state: HookState,
    zones: BTreeMap<String, Tz>,
    recorded: Vec<(Event, bool, String)>,
}

/// Something that goes wrong.
pub struct Trouble<'a> {
    /// What happened, by name: see `alert.key`.
    pub key: String,
    pub event: Event,
    pub subject: &'a str,
    /// None where the subject is no job.
    pub job: Option<&'a str>,
    pub run: Option<&'a Run>,
    pub occurrence: Occurrence,
}

impl<'a> Recorder<'a> {
    /// Waits until nobody else records for the hook.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin(alerts: &Alerts, hook: &'a Hook) -> Result<Self, DbError> {
        let transaction = alerts.database.begin().await?;
        let state = store::lock_hook(&transaction, &hook.name).await?;
        let zones = jobs::store::list_jobs(&transaction).await?.into_iter();
        let zones = zones.filter_map(|job| Some((job.job, job.schedule.timezone.parse().ok()?))).collect();
        Ok(Self { hook, transaction, state, zones, recorded: Vec::new() })
    }

    /// The zone in which people think of a job's instants.
    pub fn zone(&self, job: &str) -> Tz {
        self.zones.get(job).copied().unwrap_or(Tz::UTC)
    }

    /// Something went wrong: told, or kept quiet because the same was told a short while ago.
    ///
    /// # Errors
    /// What the database says.
    pub async fn happened(
        &mut self,
        trouble: Trouble<'_>,
        sentence: impl FnOnce(&Incident) -> String,
    ) -> Result<(), DbError> {
        let Trouble { key, event, subject, job, run, occurrence } = trouble;
        let known = store::find_incident(&self.transaction, &self.hook.name, event, subject).await?;
        let at = occurrence.at;
        let (incident, told) = Incident::after(known, occurrence, self.state.now, self.hook.repeat_after());
        let message = sentence(&incident);
        let id = Uuid::now_v7().to_string();
        let payload = Payload {
            id: &id,
            event,
            job,
            run: run.map(RunPart::of),
            subject,
            message: &message,
            at,
            occurrences: incident.occurrences,
            since: incident.since,
        };
        if self.insert(&key, &payload, run, told).await? {
            store::save_incident(&self.transaction, &self.hook.name, event, subject, &incident).await?;
        }
        Ok(())
    }

    /// Troubles of a subject have passed: closed, and told once for all of them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn passed(
        &mut self,
        subject: &str,
        passed: &[(Event, Incident)],
        run: Option<&Run>,
        at: DateTime<Utc>,
        message: &str,
    ) -> Result<(), DbError> {
        for (event, incident) in passed {
            let closed = Incident { closed_at: Some(at), ..incident.clone() };
            store::save_incident(&self.transaction, &self.hook.name, *event, subject, &closed).await?;
        }
        let Some(since) = passed.iter().map(|(_, incident)| incident.since).min() else { return Ok(()) };
        if !self.hook.settings.wants(Event::Recovered) {
            return Ok(());
        }
        let id = Uuid::now_v7().to_string();
        let payload = Payload {
            id: &id,
            event: Event::Recovered,
            job: run.map(|run| run.job.as_str()),
            run: run.map(RunPart::of),
            subject,
            message,
            at,
            occurrences: passed.iter().map(|(_, incident)| incident.occurrences).sum(),
            since,
        };
        // A recovery is that of its incidents, each of which ends once.
        let kinds: Vec<String> =
            passed.iter().map(|(event, i)| format!("{}:{}", event.as_str(), i.since.timestamp_micros())).collect();
        self.insert(&format!("recovered:{subject}:{}", kinds.join(":")), &payload, run, true).await.map(drop)
    }

    async fn insert(
        &mut self,
        key: &str,
        payload: &Payload<'_>,
        run: Option<&Run>,
        told: bool,
    ) -> Result<bool, DbError> {
        let document = serde_json::to_string(payload).map_err(|e| DbError::Json(e.to_string()))?;
        let alert = NewAlert {
            id: payload.id,
            hook: &self.hook.name,
            key,
            event: payload.event,
            subject: payload.subject,
            message: payload.message,
            payload: &document,
            told,
            context: run.and_then(|run| in_its_trace(run, payload)),
        };
        let inserted = store::insert_alert(&self.transaction, &alert).await?;
        if inserted {
            self.recorded.push((payload.event, told, payload.message.to_owned()));
        }
        Ok(inserted)
    }

    /// # Errors
    /// What the database says: then nothing was recorded.
    pub async fn commit(self, metrics: &Metrics) -> Result<(), DbError> {
        let Self { hook, transaction, recorded, .. } = self;
        transaction.commit().await?;
        for (event, told, message) in recorded {
            tracing::info!(hook = hook.name, event = event.as_str(), told, message, "alert");
            if !told {
                metrics.alert(event.as_str(), "suppressed");
            }
        }
        Ok(())
    }
}

/// The alert as a span of the run it is about.
fn in_its_trace(run: &Run, payload: &Payload<'_>) -> Option<TraceContext> {
    let (event, subject) = (payload.event.as_str(), payload.subject);
    let span = tracing::info_span!(target: TRACE, parent: None, "alert", event, subject);
    run.trace(&span);
    trace::context_of(&span)
}
