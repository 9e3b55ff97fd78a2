//! The two forms of a request's body. Pure.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use super::settings::Event;
use crate::jobs::Run;

/// Everything that is known of an alert, as JSON for programs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Payload<'a> {
    pub id: &'a str,
    #[serde(serialize_with = "word")]
    pub event: Event,
    /// The job in trouble; null for a condition.
    pub job: Option<&'a str>,
    pub run: Option<RunPart<'a>>,
    /// The job, or the subject of the condition.
    pub subject: &'a str,
    /// The sentence for people.
    pub message: &'a str,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// How often, since when.
    pub occurrences: u64,
    pub since: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunPart<'a> {
    id: &'a str,
    state: &'static str,
    trigger: &'static str,
    scheduled_for: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    error: Option<&'a str>,
    tasks: Tasks,
}

#[derive(Debug, Serialize)]
struct Tasks {
    total: u32,
    failed: u32,
}

impl<'a> RunPart<'a> {
    pub fn of(run: &'a Run) -> Self {
        Self {
            id: run.id.as_str(),
            state: run.state.as_str(),
            trigger: run.trigger.as_str(),
            scheduled_for: run.scheduled_for,
            started_at: run.started_at,
            finished_at: run.finished_at,
            error: run.error.as_deref(),
            tasks: Tasks { total: run.total, failed: run.failed },
        }
    }
}

fn word<S: serde::Serializer>(event: &Event, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(event.as_str())
}

/// The sentence alone, as Slack reads it: `&`, `<` and `>` are its markup.
/// Source: <https://docs.slack.dev/messaging/formatting-message-text#escaping>.
pub fn slack(message: &str) -> String {
    let text = message.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    json!({ "text": text }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slack_gets_one_text_with_its_markup_escaped() {
        assert_eq!(slack("a \"b\" <c> & d"), r#"{"text":"a \"b\" &lt;c&gt; &amp; d"}"#);
    }

    #[test]
    fn the_document_is_camel_case_with_rfc_3339_instants() {
        let at = "2026-11-20T09:00:00.5Z".parse().unwrap();
        let payload = Payload {
            id: "0198",
            event: Event::Stale,
            job: None,
            run: None,
            subject: "stock JP",
            message: "stock JP stale: x",
            at,
            occurrences: 1,
            since: at,
        };
        let expected = r#"{"id":"0198","event":"stale","job":null,"run":null,"subject":"stock JP","message":"stock JP stale: x","at":"2026-11-20T09:00:00.500Z","occurrences":1,"since":"2026-11-20T09:00:00.500Z"}"#;
        assert_eq!(serde_json::to_string(&payload).unwrap(), expected);
    }
}
