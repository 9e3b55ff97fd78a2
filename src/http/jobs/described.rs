//! The body of a request for a run, as it is described. It is read by `request`, member by member.

use chrono::NaiveDate;
use utoipa::ToSchema;

use crate::{
    http::openapi::schema::{Input, Key, Note},
    jobs::Mode,
};

/// What to run. Every member may be left out or null.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"from": "2026-01-05", "companies": ["7203"], "mode": "full"}))]
#[expect(dead_code, reason = "only its shape matters")]
pub struct RunBody {
    /// The first day, at the latest today; without it what is missing.
    from: Option<NaiveDate>,
    /// The last day; without it, or where it is still to come, the newest there is.
    to: Option<NaiveDate>,
    /// Keys of the job's tasks, such as stock codes; none means all.
    companies: Option<Vec<Key>>,
    mode: Option<Mode>,
    /// Say what would be fetched, fetch nothing.
    dry_run: Option<bool>,
    /// What the run works on, for a job that takes such a thing.
    input: Option<Input>,
    /// Kept with the run.
    note: Option<Note>,
}
