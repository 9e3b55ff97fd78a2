//! `GET /audit`: who changed what, newest first.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::{
    auth::AdminReader,
    extract::{QueryParams, instant, plain_text},
    openapi::schema::{Id, Instant, Limit, Name128},
    paging::{Page, cursor, limit},
    problem::{Answer, Problem},
    routes::Routes,
};
use crate::{
    audit::{
        Entry, Via,
        store::{self, AuditFilter},
    },
    db::Database,
};

/// The longest name there is.
const LONGEST: usize = 128;

pub fn routes() -> Routes<Database> {
    Routes::new().tag("audit", "Who changed what.").api(routes!(list))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Params {
    /// Who: the name of a token, `local`, `cli:USER`.
    #[param(value_type = Option<Name128>, inline, example = "local")]
    actor: Option<String>,
    /// What was done.
    #[param(value_type = Option<Name128>, inline, example = "job.pause")]
    action: Option<String>,
    /// To what.
    #[param(value_type = Option<Name128>, inline, example = "stock")]
    subject: Option<String>,
    /// At this instant or later; a day means its midnight in UTC.
    #[param(value_type = Option<Instant>, inline)]
    since: Option<String>,
    /// Before this instant.
    #[param(value_type = Option<Instant>, inline)]
    until: Option<String>,
    #[param(value_type = Option<Limit>, inline)]
    limit: Option<String>,
    /// The id of the last row of the page before.
    #[param(value_type = Option<Id>, inline)]
    cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditRow)]
struct EntryJson {
    id: String,
    at: DateTime<Utc>,
    /// Who: the name of a token, `local`, `cli:USER`.
    actor: String,
    #[schema(value_type = Via)]
    via: &'static str,
    #[schema(example = "job.pause")]
    action: String,
    subject: String,
    /// The state before, as far as it changed.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    request_id: Option<String>,
    note: String,
}

/// Who changed what, newest first
#[utoipa::path(
    get,
    path = "/audit",
    operation_id = "listAudit",
    tag = "audit",
    params(Params),
    security(("bearer" = ["admin"])),
    responses((status = 200, description = "A page of changes", body = Page<EntryJson>), (status = 403))
)]
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
