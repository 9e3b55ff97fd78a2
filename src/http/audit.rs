//! `GET /audit`: who changed what, newest first.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{
    auth::AdminReader,
    extract::{QueryParams, instant, plain_text},
    paging::{Page, cursor, limit},
    problem::{Answer, Problem},
    routes::Routes,
};
use crate::{
    audit::{
        Entry,
        store::{self, AuditFilter},
    },
    db::Database,
};

/// The longest name there is.
const LONGEST: usize = 128;

pub fn routes() -> Routes<Database> {
    Routes::guarded().get("/audit", list)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    actor: Option<String>,
    action: Option<String>,
    subject: Option<String>,
    since: Option<String>,
    until: Option<String>,
    limit: Option<String>,
    /// The id of the last row of the page before.
    cursor: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryJson {
    id: String,
    at: DateTime<Utc>,
    actor: String,
    via: &'static str,
    action: String,
    subject: String,
    before: Option<Value>,
    after: Option<Value>,
    request_id: Option<String>,
    note: String,
}

async fn list(
    _: AdminReader,
    State(database): State<Database>,
    QueryParams(params): QueryParams<Params>,
) -> Answer<Json<Page<EntryJson>>> {
    let limit = limit(params.limit.as_deref())?;
    let filter = AuditFilter {
        actor: name("actor", params.actor)?,
        action: name("action", params.action)?,
        subject: name("subject", params.subject)?,
        since: instant("since", params.since.as_deref())?,
        until: instant("until", params.until.as_deref())?,
        after: cursor(params.cursor.as_deref(), |text| Uuid::try_parse(text).ok())?,
        limit: limit + 1,
    };
    let entries = store::list(database.connection(), &filter).await?;
    Ok(Json(Page::cut(entries, limit, |entry| entry.id.clone()).map(EntryJson::from)))
}

/// A name to look for; none and empty are none.
fn name(param: &str, text: Option<String>) -> Answer<Option<String>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    plain_text(&text, LONGEST).map_err(|reason| Problem::bad_request(param, reason))?;
    Ok(Some(text))
}

impl From<Entry> for EntryJson {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            actor: entry.actor,
            via: entry.via.as_str(),
            action: entry.action,
            subject: entry.subject,
            before: entry.before,
            after: entry.after,
            request_id: entry.request_id,
            note: entry.note,
        }
    }
}
