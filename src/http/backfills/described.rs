//! The body of a request for a backfill, as it is described. It is read by `request`, member by member.

use chrono::NaiveDate;
use utoipa::ToSchema;

use crate::{
    http::openapi::schema::{Key, Note},
    jobs::BackfillMode,
};

/// What to work off. Every member may be left out or null.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"from": "2019-01-01", "companies": ["7203"], "mode": "missing", "maxParallel": 2}))]
#[expect(dead_code, reason = "only its shape matters")]
pub struct BackfillBody {
    /// The first day, at the latest today.
    from: Option<NaiveDate>,
    /// The last day.
    to: Option<NaiveDate>,
    /// Keys of the job's tasks, such as stock codes; none means all.
    companies: Option<Vec<Key>>,
    /// Without it `missing`.
    mode: Option<BackfillMode>,
    /// How many items at once.
    #[schema(minimum = 1, maximum = 64)]
    max_parallel: Option<u32>,
    /// Tell what would be done, do nothing.
    dry_run: Option<bool>,
    /// Kept with the backfill.
    note: Option<Note>,
}
