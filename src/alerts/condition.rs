//! Conditions that a domain measures, such as data that are stale: told when they begin to hold and when they end.

use super::{
    hook::{Alerts, Hook},
    incident::Occurrence,
    record::{Recorder, Trouble},
    sentence,
    settings::Event,
    store,
};
use crate::db::DbError;

impl Alerts {
    /// Says whether a condition holds now. May be said as often as it is measured, by every replica: it is told once
    /// when it begins to hold and once when it no longer does. `subject` names it in a few words of a closed set
    /// (`stock JP`); `message` is a sentence that says what is the case.
    ///
    /// # Errors
    /// What the database says.
    pub async fn condition(&self, subject: &str, holds: bool, message: &str) -> Result<(), DbError> {
        for hook in self.hooks().0.iter().filter(|hook| hook.settings.wants(Event::Stale)) {
            let known = store::find_incident(self.database.connection(), &hook.name, Event::Stale, subject).await?;
            if known.is_some_and(|incident| incident.closed_at.is_none()) != holds {
                self.change(hook, subject, holds, message).await?;
            }
        }
        Ok(())
    }

    async fn change(&self, hook: &Hook, subject: &str, holds: bool, message: &str) -> Result<(), DbError> {
        let mut recorder = Recorder::begin(self, hook).await?;
        let now = recorder.state.now;
        let known = store::find_incident(&recorder.transaction, &hook.name, Event::Stale, subject).await?;
        let open = known.filter(|incident| incident.closed_at.is_none());
        match open {
            None if holds => {
                let trouble = Trouble {
                    key: format!("stale:{subject}:{}", now.timestamp_micros()),
                    event: Event::Stale,
                    subject,
                    job: None,
                    run: None,
                    occurrence: Occurrence { at: now, count: 1, run: None, counted_to: None },
                };
                let after = hook.repeat_after();
                recorder.happened(trouble, |incident| sentence::condition(subject, message, incident, after)).await?;
            }
            Some(incident) if !holds && incident.may_close(now, hook.repeat_after()) => {
                let message = sentence::condition_passed(subject, message, incident.since, now);
                recorder.passed(subject, &[(Event::Stale, incident)], None, now, &message).await?;
            }
            // Another replica was faster, or it comes and goes.
            _ => return Ok(()),
        }
        recorder.commit(&self.metrics).await
    }
}
